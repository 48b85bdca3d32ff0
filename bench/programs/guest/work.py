# Dictionaries, strings, calls and big integers, as scripts have them.
import sys


class Node:
    def __init__(self, key):
        self.key, self.left, self.right = key, None, None

    def insert(self, key):
        side = "left" if key < self.key else "right"
        child = getattr(self, side)
        if child is None:
            setattr(self, side, Node(key))
        elif key != self.key:
            child.insert(key)

    def depth(self):
        return 1 + max(child.depth() if child else 0 for child in (self.left, self.right))


def words(count):
    seed = 1
    for _ in range(count):
        seed = (seed * 1103515245 + 12345) % 2**31
        yield "w%d" % (seed >> 16 & 1023)


n = int(sys.argv[1])
counts = {}
for word in words(4 * n):
    counts[word] = counts.get(word, 0) + 1
tree = Node(500)
for word in words(n):
    tree.insert(int(word[1:]))
text = ",".join(sorted(counts, key=lambda word: (-counts[word], word)))
power = pow(3, n, 10**200 + 7)
print(len(text), tree.depth(), sum(map(ord, text)), power % 1000003)
