/*
 * Records what AArch64 instructions do: reads tests from standard input, runs each on the processor (or emulator) that
 * runs this program, and writes the results to standard output. No C library: only the system calls below.
 *
 * The layout of tests and results is that of rigs/differential/record.ts.
 */

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;
typedef unsigned __int128 u128;

enum { words_max = 4, memory_size = 512, literals_size = 64 };

struct state {
  u64 x[31], sp;
  u32 nzcv, fpcr, fpsr, zero;
  u128 v[32];
  u8 memory[memory_size];
};

/* A test and, in its place, its result. */
struct record {
  u64 pc;       /* of the first word; then of the instruction that would be next, or that raised the signal */
  u64 memory;   /* where the memory lies */
  u64 fault;    /* address that the signal names */
  u32 count;    /* of words */
  u32 signal;   /* 0: the words ran through */
  u32 words[words_max];
  struct state state;
};

/* The memory of a test lies in these pages, nothing is mapped beside them. */
#define data_base 0x10000000ul
#define data_size 0x2000ul
/* The words of a batch of tests, each in a window of its own; all else is zero: UDF. */
#define code_base 0x20000000ul
#define code_window 0x10000ul
enum { batch = 1024 };

enum { prot_rw = 3, prot_rwx = 7, map_fixed_anonymous = 0x32 };
enum { sys_read = 63, sys_write = 64, sys_exit_group = 94, sys_setitimer = 103, sys_sigaltstack = 132,
       sys_rt_sigaction = 134, sys_mmap = 222, sys_mprotect = 226 };

static long system_call(long number, u64 a, u64 b, u64 c, u64 d, u64 e) {
  register long x8 asm("x8") = number;
  register u64 x0 asm("x0") = a, x1 asm("x1") = b, x2 asm("x2") = c, x3 asm("x3") = d, x4 asm("x4") = e,
               x5 asm("x5") = 0;
  asm volatile("svc #0" : "+r"(x0) : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5), "r"(x8) : "memory");
  return (long)x0;
}

static _Noreturn void fail(int code) {
  for (;;) system_call(sys_exit_group, code, 0, 0, 0, 0);
}

/* The kernel's signal frame: asm/siginfo.h, asm/ucontext.h, asm/sigcontext.h. */
struct signal_info { int number, error, code, pad; u64 address; };
struct signal_context {
  u64 flags, link, stack[3];
  u8 mask[128];
  u64 fault_address __attribute__((aligned(16)));
  u64 x[31], sp, pc, pstate;
  u8 extra[4096] __attribute__((aligned(16)));
};
struct fpsimd_context { u32 magic, size, fpsr, fpcr; u128 v[32]; };
enum { fpsimd_magic = 0x46508001 };

enum { sigill = 4, sigtrap = 5, sigbus = 7, sigfpe = 8, sigsegv = 11, sigalrm = 14 };
struct signal_action { void (*handler)(int, struct signal_info *, struct signal_context *); u64 flags, restorer, mask; };
/* SA_NODEFER, SA_RESTART, SA_ONSTACK, SA_SIGINFO */
#define signal_flags 0x58000004ul

struct state result;
static struct record *current;
static struct record records[batch];
static u8 signal_stack[65536] __attribute__((aligned(16)));

void enter(const struct state *from, const void *words);
void leave(void);
void back(void);

void *memcpy(void *to, const void *from, u64 size) {
  u8 *t = to;
  const u8 *f = from;
  while (size >= 16) {
    *(u128 *)t = *(const u128 *)f;
    t += 16, f += 16, size -= 16;
  }
  while (size--) *t++ = *f++;
  return to;
}

/* A test ended in a signal: its state is the one in the frame. The timer ends a test that it meets twice. */
static void on_signal(int number, struct signal_info *info, struct signal_context *context) {
  static const struct record *met;
  if (number == sigalrm && (!current || met != current)) {
    met = current;
    return;
  }
  const struct fpsimd_context *fp = (const struct fpsimd_context *)context->extra;
  if (fp->magic != fpsimd_magic || !current) fail(3);
  current->signal = number;
  current->pc = context->pc;
  current->fault = info->address;
  memcpy(result.x, context->x, sizeof result.x);
  result.sp = context->sp;
  result.nzcv = context->pstate & 0xf0000000;
  result.fpcr = fp->fpcr;
  result.fpsr = fp->fpsr;
  memcpy(result.v, fp->v, sizeof result.v);
  asm volatile("b back");
}

/* Puts the words of a test into its window: X30 is loaded just before them and saved just after. */
static void place(const struct record *r) {
  u32 *words = (u32 *)r->pc;
  *(u64 *)(words - 4) = r->state.x[30];
  words[-1] = 0x58ffffbe;                /* ldr x30, words - 16 */
  for (u32 i = 0; i < r->count; i++) words[i] = r->words[i];
  words += r->count;
  words[0] = 0xd51bd05e;                 /* msr tpidr_el0, x30 */
  words[1] = 0x5800005e;                 /* ldr x30, .+8 */
  words[2] = 0xd61f03c0;                 /* br x30 */
  u64 exit = (u64)leave;
  memcpy(words + 3, &exit, 8);
  /* What LDR (literal) finds. */
  u8 *literals = (u8 *)r->pc + 128;
  for (int i = 0; i < literals_size; i++) literals[i] = i * 37 + 11;
}

static void remove(u64 pc) {
  u128 *p = (u128 *)((pc - 16) & ~15ul);
  for (int i = 0; i < 14; i++) p[i] = 0;
}

static void run(struct record *r) {
  u64 pc = r->pc;
  r->signal = 0;
  r->fault = 0;
  u64 next = pc + 4 * r->count;
  result.zero = 0;
  memcpy((void *)r->memory, r->state.memory, memory_size);
  r->pc = next;
  current = r;
  enter(&r->state, (const u32 *)pc - 1);
  current = 0;
  memcpy(result.memory, (const void *)r->memory, memory_size);
  memcpy(&r->state, &result, sizeof result);
}

static u64 read_all(u8 *to, u64 size) {
  u64 done = 0;
  while (done < size) {
    long n = system_call(sys_read, 0, (u64)to + done, size - done, 0, 0);
    if (n < 0) fail(4);
    if (n == 0) break;
    done += n;
  }
  return done;
}

static void write_all(const u8 *from, u64 size) {
  for (u64 done = 0; done < size;) {
    long n = system_call(sys_write, 1, (u64)from + done, size - done, 0, 0);
    if (n <= 0) fail(5);
    done += n;
  }
}

int main(void) {
  if (system_call(sys_mmap, data_base, data_size, prot_rw, map_fixed_anonymous, -1) != (long)data_base) fail(6);
  if (system_call(sys_mmap, code_base, batch * code_window, prot_rwx, map_fixed_anonymous, -1) != (long)code_base)
    fail(6);
  const struct { void *base; u64 flags, size; } stack = { signal_stack, 0, sizeof signal_stack };
  system_call(sys_sigaltstack, (u64)&stack, 0, 0, 0, 0);
  const int signals[] = { sigill, sigtrap, sigbus, sigfpe, sigsegv, sigalrm };
  for (int i = 0; i < 6; i++) {
    const struct signal_action action = { on_signal, signal_flags, 0, 0 };
    if (system_call(sys_rt_sigaction, signals[i], (u64)&action, 0, 8, 0) != 0) fail(7);
  }
  const u64 second[] = { 1, 0, 1, 0 };
  system_call(sys_setitimer, 0, (u64)second, 0, 0, 0);
  for (;;) {
    u64 count = read_all((u8 *)records, sizeof records) / sizeof records[0];
    if (count == 0) return 0;
    u64 pcs[batch];
    /* Words written into pages that are not executable discard what an emulator has translated from them, at once. */
    system_call(sys_mprotect, code_base, batch * code_window, prot_rw, 0, 0);
    for (u64 i = 0; i < count; i++) place(&records[i]), pcs[i] = records[i].pc;
    system_call(sys_mprotect, code_base, batch * code_window, prot_rwx, 0, 0);
    for (u64 i = 0; i < count; i++) run(&records[i]);
    system_call(sys_mprotect, code_base, batch * code_window, prot_rw, 0, 0);
    for (u64 i = 0; i < count; i++) remove(pcs[i]);
    write_all((const u8 *)records, count * sizeof records[0]);
  }
}
