/** Shown on Dom0's terminal before the shell's first prompt, as by login on Linux (motd(5)). */
export const messagePath = '/etc/motd';
