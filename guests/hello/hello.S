// hello: the smallest useful guest. It has no operating system, no C library and no stack.
//
//   1. It says hello on the serial port, with the exception level it runs at.
//   2. It sends every key back.
//   3. On 'q' it asks the firmware to power the machine off.
// While there is nothing to do it sleeps, and the timer's event stream wakes it now and then to look for a key.
//
// How it is loaded. The file is an arm64 "Image" (Linux, Documentation/arch/arm64/booting.rst): a 64-byte header and
// then code. A loader copies it to 2 MiB-aligned RAM + text_offset; on the ZCU102, whose RAM starts at 0, that is
// 0x80000. It then jumps to the first byte with the MMU off, interrupts masked, and in x0 the address of a device tree,
// which this guest does not need. The code finds its own data relative to where it runs, so any other address works as
// well.
//
// Registers, for the whole program:
//   x19  address of the UART          x20  next character of a text
//   w0   the character to send or the one received        x1   scratch        x21  the exception level

// The board's first serial port. Zynq UltraScale+ Devices Register Reference (UG1087), module UART, UART0.
.equ UART0,         0xff000000
.equ UART_CR,       0x00        // Control register
.equ UART_SR,       0x2c        // Channel status register
.equ UART_FIFO,     0x30        // Write: a byte to send. Read: a byte received.
.equ CR_RXEN,       1 << 2      // Receiver on
.equ CR_TXEN,       1 << 4      // Transmitter on
.equ SR_RXEMPTY_BIT, 1          // Nothing has been received
.equ SR_TXEMPTY_BIT, 3          // Everything has been sent
.equ SR_TXFULL_BIT,  4          // No room for a byte to send

// The event stream (Arm ARM, D11.2.4): an event each time that a bit of the 100 MHz counter goes from 0 to 1. Each
// exception level has a control register of its own, with the same fields.
.equ EVNTEN,        1 << 2      // The stream is on ...
.equ EVNTI_13,      13 << 4     // ... for bit 13: every 2^14 counts, 164 microseconds.

// Power State Coordination Interface (Arm DEN 0022), function SYSTEM_OFF.
.equ PSCI_SYSTEM_OFF, 0x84000008

        .file   "hello.S"
        .section .head, "ax"
        .global _start
_start:
        b       main                    // code0: the loader jumps here
        .long   0                       // code1
        .quad   0x80000                 // text_offset
        .quad   __image_size            // image_size, from the linker script
        .quad   0b1010                  // flags: little endian, 4 KiB pages, anywhere in RAM
        .quad   0                       // res2
        .quad   0                       // res3
        .quad   0                       // res4
        .ascii  "ARM\x64"               // magic
        .long   0                       // res5

        .text
main:
        ldr     x19, =UART0
        mov     w1, #(CR_RXEN | CR_TXEN)
        str     w1, [x19, #UART_CR]     // After reset both directions are off.

        mrs     x21, CurrentEL          // The exception level is in bits [3:2] (Arm ARM, D19.2 "CurrentEL").
        ubfx    x21, x21, #2, #2
        mov     x1, #(EVNTEN | EVNTI_13)
        cmp     x21, #2
        b.eq    at_el2
        msr     CNTKCTL_EL1, x1
        b       greet
at_el2: msr     CNTHCTL_EL2, x1

greet:  adr     x20, greeting
        bl      print
        add     w0, w21, #'0'           // The level becomes a digit.
        bl      send
        adr     x20, prompt
        bl      print

echo:
        bl      receive
        cmp     w0, #'q'
        b.eq    power_off
        bl      send
        cmp     w0, #'\r'               // The Enter key sends CR alone;
        b.ne    echo
        mov     w0, #'\n'               // a terminal needs LF too to go to the next line.
        bl      send
        b       echo

power_off:
        adr     x20, farewell
        bl      print
drain:  ldr     w1, [x19, #UART_SR]     // Let the last character leave before the power goes.
        tbz     w1, #SR_TXEMPTY_BIT, drain
        ldr     w0, =PSCI_SYSTEM_OFF
        smc     #0                      // To the firmware at EL3. An HVC from EL2 would come back to this program.
halt:   wfi                             // Only reached if the firmware refuses.
        b       halt

// Sends the text at x20, which ends with a zero byte. Returns by x3, because send uses x30.
print:
        mov     x3, x30
1:      ldrb    w0, [x20], #1
        cbz     w0, 2f
        bl      send
        b       1b
2:      ret     x3

// Sends the character in w0, and keeps w0.
send:
        ldr     w1, [x19, #UART_SR]
        tbnz    w1, #SR_TXFULL_BIT, send
        str     w0, [x19, #UART_FIFO]
        ret

// Waits for a character and returns it in w0.
receive:
        ldr     w1, [x19, #UART_SR]
        tbz     w1, #SR_RXEMPTY_BIT, 1f
        wfe                             // Sleep until the event stream ticks, then look again.
        b       receive
1:      ldr     w0, [x19, #UART_FIFO]
        ret

        .ltorg                          // The constants of the two "ldr reg, =constant".

greeting: .asciz "Hello from EL"
prompt:   .asciz ".\r\nType something: each key comes back. q powers off.\r\n"
farewell: .asciz "\r\nPowering off.\r\n"
