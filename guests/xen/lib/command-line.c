#include "command-line.h"

#include <stdbool.h>

static uint32_t big_endian(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool same(const char *a, const char *b) {
  while (*a != 0 && *a == *b) a++, b++;
  return *a == *b;
}

// A flattened device tree is a list of tokens (Devicetree Specification, 5.4). Only /chosen has a property `bootargs`,
// so there is no need to follow the nodes.
const char *command_line(const void *device_tree) {
  enum { BEGIN_NODE = 1, END_NODE = 2, PROPERTY = 3, NOP = 4 };
  const uint8_t *tree = device_tree;
  const char *strings = (const char *)tree + big_endian(tree + 12);
  for (const uint8_t *at = tree + big_endian(tree + 8);;) {
    uint32_t token = big_endian(at);
    at += 4;
    switch (token) {
      case BEGIN_NODE:
        while (*at != 0) at++;
        at = tree + ((at + 1 - tree + 3) & ~3ul);
        break;
      case PROPERTY: {
        uint32_t length = big_endian(at);
        if (same(strings + big_endian(at + 4), "bootargs")) return (const char *)at + 8;
        at += 8 + ((length + 3) & ~3u);
        break;
      }
      case END_NODE:
      case NOP:
        break;
      default:
        return "";
    }
  }
}

unsigned long option(const char *line, const char *name, unsigned long otherwise) {
  for (const char *word = line; *word != 0;) {
    const char *w = word;
    const char *n = name;
    while (*n != 0 && *w == *n) w++, n++;
    if (*n == 0 && *w == '=') {
      unsigned long number = 0;
      for (w++; *w >= '0' && *w <= '9'; w++) number = 10 * number + (unsigned long)(*w - '0');
      return number;
    }
    while (*word != 0 && *word != ' ') word++;
    while (*word == ' ') word++;
  }
  return otherwise;
}
