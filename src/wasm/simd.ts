/** The 128-bit vector operations (WebAssembly SIMD, part of Core Specification 2.0). */
import { type Expr, type I32, Expr as Node, Op, type V128, type ValType } from './expr.ts';

const v = 'v128';
const un =
  (n: number) =>
  (a: V128): V128 =>
    new Node(v, 0xfd000 + n, 0, a);
const bin =
  (n: number) =>
  (a: V128, b: V128): V128 =>
    new Node(v, 0xfd000 + n, 0, a).with(b);
const shift =
  (n: number) =>
  (a: V128, count: I32): V128 =>
    new Node(v, 0xfd000 + n, 0, a).with(count);
const test =
  (n: number) =>
  (a: V128): I32 =>
    new Node('i32', 0xfd000 + n, 0, a);
const splat =
  <T extends ValType>(n: number) =>
  (a: Expr<T>): V128 =>
    new Node(v, 0xfd000 + n, 0, a);
const extract =
  <T extends ValType>(type: T, n: number) =>
  (a: V128, lane: number): Expr<T> =>
    new Node(type, 0xfd000 + n, lane, a);
const replace =
  <T extends ValType>(n: number) =>
  (a: V128, lane: number, value: Expr<T>): V128 =>
    new Node(v, 0xfd000 + n, lane, a).with(value);

const zero: V128 = new Node(v, Op.v128Const, new Uint8Array(16));

export const v128 = {
  const: (bytes: Uint8Array): V128 => new Node(v, Op.v128Const, bytes),
  zero: (): V128 => zero,
  load: (address: I32, offset = 0): V128 => new Node(v, 0xfd000, offset, address),
  /** Loads 4 or 8 bytes into the low lanes and clears the rest. */
  load32_zero: (address: I32, offset = 0): V128 => new Node(v, 0xfd05c, offset, address),
  load64_zero: (address: I32, offset = 0): V128 => new Node(v, 0xfd05d, offset, address),
  not: un(77),
  and: bin(78),
  andnot: bin(79),
  or: bin(80),
  xor: bin(81),
  bitselect: (a: V128, b: V128, mask: V128): V128 => new Node(v, 0xfd000 + 82, 0, a).with(b, mask),
  any_true: test(83),
  /** Picks 16 bytes of a (0-15) and b (16-31). */
  shuffle: (a: V128, b: V128, lanes: readonly number[]): V128 =>
    new Node(v, Op.shuffle, Uint8Array.from(lanes), a).with(b),
};

export const i8x16 = {
  swizzle: bin(14),
  splat: splat<'i32'>(15),
  extract_lane_s: extract('i32', 21),
  extract_lane_u: extract('i32', 22),
  replace_lane: replace<'i32'>(23),
  eq: bin(35),
  ne: bin(36),
  lt_s: bin(37),
  lt_u: bin(38),
  gt_s: bin(39),
  gt_u: bin(40),
  le_s: bin(41),
  le_u: bin(42),
  ge_s: bin(43),
  ge_u: bin(44),
  abs: un(96),
  neg: un(97),
  popcnt: un(98),
  all_true: test(99),
  bitmask: test(100),
  narrow_i16x8_s: bin(101),
  narrow_i16x8_u: bin(102),
  shl: shift(107),
  shr_s: shift(108),
  shr_u: shift(109),
  add: bin(110),
  add_sat_s: bin(111),
  add_sat_u: bin(112),
  sub: bin(113),
  sub_sat_s: bin(114),
  sub_sat_u: bin(115),
  min_s: bin(118),
  min_u: bin(119),
  max_s: bin(120),
  max_u: bin(121),
  avgr_u: bin(123),
};

export const i16x8 = {
  splat: splat<'i32'>(16),
  extract_lane_s: extract('i32', 24),
  extract_lane_u: extract('i32', 25),
  replace_lane: replace<'i32'>(26),
  eq: bin(45),
  ne: bin(46),
  lt_s: bin(47),
  lt_u: bin(48),
  gt_s: bin(49),
  gt_u: bin(50),
  le_s: bin(51),
  le_u: bin(52),
  ge_s: bin(53),
  ge_u: bin(54),
  extadd_pairwise_i8x16_s: un(124),
  extadd_pairwise_i8x16_u: un(125),
  abs: un(128),
  neg: un(129),
  q15mulr_sat_s: bin(130),
  all_true: test(131),
  bitmask: test(132),
  narrow_i32x4_s: bin(133),
  narrow_i32x4_u: bin(134),
  extend_low_i8x16_s: un(135),
  extend_high_i8x16_s: un(136),
  extend_low_i8x16_u: un(137),
  extend_high_i8x16_u: un(138),
  shl: shift(139),
  shr_s: shift(140),
  shr_u: shift(141),
  add: bin(142),
  add_sat_s: bin(143),
  add_sat_u: bin(144),
  sub: bin(145),
  sub_sat_s: bin(146),
  sub_sat_u: bin(147),
  mul: bin(149),
  min_s: bin(150),
  min_u: bin(151),
  max_s: bin(152),
  max_u: bin(153),
  avgr_u: bin(155),
  extmul_low_i8x16_s: bin(156),
  extmul_high_i8x16_s: bin(157),
  extmul_low_i8x16_u: bin(158),
  extmul_high_i8x16_u: bin(159),
};

export const i32x4 = {
  splat: splat<'i32'>(17),
  extract_lane: extract('i32', 27),
  replace_lane: replace<'i32'>(28),
  eq: bin(55),
  ne: bin(56),
  lt_s: bin(57),
  lt_u: bin(58),
  gt_s: bin(59),
  gt_u: bin(60),
  le_s: bin(61),
  le_u: bin(62),
  ge_s: bin(63),
  ge_u: bin(64),
  extadd_pairwise_i16x8_s: un(126),
  extadd_pairwise_i16x8_u: un(127),
  abs: un(160),
  neg: un(161),
  all_true: test(163),
  bitmask: test(164),
  extend_low_i16x8_s: un(167),
  extend_high_i16x8_s: un(168),
  extend_low_i16x8_u: un(169),
  extend_high_i16x8_u: un(170),
  shl: shift(171),
  shr_s: shift(172),
  shr_u: shift(173),
  add: bin(174),
  sub: bin(177),
  mul: bin(181),
  min_s: bin(182),
  min_u: bin(183),
  max_s: bin(184),
  max_u: bin(185),
  dot_i16x8_s: bin(186),
  extmul_low_i16x8_s: bin(188),
  extmul_high_i16x8_s: bin(189),
  extmul_low_i16x8_u: bin(190),
  extmul_high_i16x8_u: bin(191),
  trunc_sat_f32x4_s: un(248),
  trunc_sat_f32x4_u: un(249),
  trunc_sat_f64x2_s_zero: un(252),
  trunc_sat_f64x2_u_zero: un(253),
};

export const i64x2 = {
  splat: splat<'i64'>(18),
  extract_lane: extract('i64', 29),
  replace_lane: replace<'i64'>(30),
  abs: un(192),
  neg: un(193),
  all_true: test(195),
  bitmask: test(196),
  extend_low_i32x4_s: un(199),
  extend_high_i32x4_s: un(200),
  extend_low_i32x4_u: un(201),
  extend_high_i32x4_u: un(202),
  shl: shift(203),
  shr_s: shift(204),
  shr_u: shift(205),
  add: bin(206),
  sub: bin(209),
  mul: bin(213),
  eq: bin(214),
  ne: bin(215),
  lt_s: bin(216),
  gt_s: bin(217),
  le_s: bin(218),
  ge_s: bin(219),
  extmul_low_i32x4_s: bin(220),
  extmul_high_i32x4_s: bin(221),
  extmul_low_i32x4_u: bin(222),
  extmul_high_i32x4_u: bin(223),
};

export const f32x4 = {
  splat: splat<'f32'>(19),
  extract_lane: extract('f32', 31),
  replace_lane: replace<'f32'>(32),
  eq: bin(65),
  ne: bin(66),
  lt: bin(67),
  gt: bin(68),
  le: bin(69),
  ge: bin(70),
  ceil: un(103),
  floor: un(104),
  trunc: un(105),
  nearest: un(106),
  abs: un(224),
  neg: un(225),
  sqrt: un(227),
  add: bin(228),
  sub: bin(229),
  mul: bin(230),
  div: bin(231),
  min: bin(232),
  max: bin(233),
  pmin: bin(234),
  pmax: bin(235),
  convert_i32x4_s: un(250),
  convert_i32x4_u: un(251),
  demote_f64x2_zero: un(94),
};

export const f64x2 = {
  splat: splat<'f64'>(20),
  extract_lane: extract('f64', 33),
  replace_lane: replace<'f64'>(34),
  eq: bin(71),
  ne: bin(72),
  lt: bin(73),
  gt: bin(74),
  le: bin(75),
  ge: bin(76),
  ceil: un(116),
  floor: un(117),
  trunc: un(122),
  nearest: un(148),
  abs: un(236),
  neg: un(237),
  sqrt: un(239),
  add: bin(240),
  sub: bin(241),
  mul: bin(242),
  div: bin(243),
  min: bin(244),
  max: bin(245),
  pmin: bin(246),
  pmax: bin(247),
  convert_low_i32x4_s: un(254),
  convert_low_i32x4_u: un(255),
  promote_low_f32x4: un(95),
};
