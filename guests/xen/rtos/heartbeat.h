// The heartbeat of a monitored RTOS, and its output.
#pragma once

/** Looks whether Dom0 has named a monitor (data/monitor in xenstore: domain, grant and port), and joins it. */
void heartbeat_join(void);

/** Tells the monitor the output of this period. Without a monitor it does nothing. */
void heartbeat_beat(void);

/** Overwrites the table of outputs, as a wild pointer would. */
void heartbeat_corrupt(void);
