// The ZCU102's first serial port, polled. UG1087, module UART, UART0.
#pragma once

/** Turns the receiver and the transmitter on. */
void uart_start(void);

/** Sends a text; '\n' goes out as CR LF. */
void uart_print(const char *text);

/** Sends a number in decimal. */
void uart_print_number(unsigned long number);

/** Returns when everything has left the port. */
void uart_flush(void);
