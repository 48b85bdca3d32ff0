# LuaJIT: a compiler that writes its machine code while the program runs
set -- /usr/bin/luajit*
cat >a.lua <<'L'
local bit = require 'bit'
local h = 0
for i = 1, 3e6 do h = bit.bxor(bit.rol(h, 5), i * 7) end
print(h)
local n, sieve = 0, {}
for i = 2, 200000 do if not sieve[i] then n = n + 1; for j = i * 2, 200000, i do sieve[j] = true end end end
print(n)
local x, s = 1.5, 0
for i = 1, 1e6 do x = x * 3.9 * (1 - x / 4) / 1.01 % 4; s = s + math.sin(x) end
print(('%.10g'):format(s))
local t = {}
for i = 1, 60000 do t[i] = ('%d'):format(i * 7919 % 60000) end
table.sort(t); print(#table.concat(t), t[1], t[#t])
local ffi = require 'ffi'
ffi.cdef 'typedef struct { uint8_t a; uint64_t b; double c; } s_t; int abs(int);'
local v = ffi.new('s_t[?]', 1000)
for i = 0, 999 do v[i].a = i; v[i].b = 2 ^ 40 * i; v[i].c = i / 3 end
print(ffi.sizeof('s_t'), v[999].a, tostring(v[999].b), ('%.15g'):format(v[999].c), ffi.C.abs(-5))
local function fib(i) return i < 2 and i or fib(i - 1) + fib(i - 2) end
print(fib(27), select(2, pcall(error, 'caught')))
L
$1 a.lua && $1 -joff a.lua | md5sum && $1 -O3 a.lua | md5sum
