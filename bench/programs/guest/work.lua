-- Queens, tables of strings, and closures.
local n = tonumber(arg[1])

local function queens(size)
  local solutions, columns, up, down = 0, {}, {}, {}
  local function place(row)
    if row > size then solutions = solutions + 1 return end
    for column = 1, size do
      local a, b = row + column, row - column
      if not (columns[column] or up[a] or down[b]) then
        columns[column], up[a], down[b] = true, true, true
        place(row + 1)
        columns[column], up[a], down[b] = nil, nil, nil
      end
    end
  end
  place(1)
  return solutions
end

local words, seed = {}, 1
for i = 1, n * 2000 do
  seed = (seed * 1103515245 + 12345) % 2147483648
  words[i] = "w" .. (seed >> 16 & 4095)
end
table.sort(words)
print(queens(n), words[1], words[#words], #table.concat(words))
