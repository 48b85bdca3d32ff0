import hello from '../../../guests/build/xen/hello.img?url';
import rogue from '../../../guests/build/xen/rogue.img?url';
import rtos from '../../../guests/build/xen/rtos.img?url';
import spin from '../../../guests/build/xen/spin.img?url';

/** The guests that Domain-0 has in /guests. */
export const guestImages = [
  { name: 'hello.img', url: hello },
  { name: 'rogue.img', url: rogue },
  { name: 'rtos.img', url: rtos },
  { name: 'spin.img', url: spin },
] as const;
