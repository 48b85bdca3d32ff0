import type { Result } from '../../base/result.ts';

/** Errors go over the wire by name (public/io/xs_wire.h, xsd_errors). */
export type XsError =
  | 'EINVAL'
  | 'EACCES'
  | 'EEXIST'
  | 'ENOENT'
  | 'ENOSPC'
  | 'ENOSYS'
  | 'EAGAIN'
  | 'EISCONN'
  | 'E2BIG'
  | 'EBUSY';

export type XsResult<T> = Result<T, XsError>;
