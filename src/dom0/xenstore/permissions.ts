/** Who may do what with a node of xenstore (docs/misc/xenstore.txt, GET_PERMS). */

/** `n`one, `r`ead, `w`rite, `b`oth. */
export type Access = 'n' | 'r' | 'w' | 'b';

export interface Permission {
  readonly domid: number;
  readonly access: Access;
}

/** The first entry names the owner, who may do everything. Its access applies to all domains without an entry. */
export type Permissions = readonly [Permission, ...Permission[]];

export const allows = (granted: Access, wanted: 'r' | 'w'): boolean => granted === 'b' || granted === wanted;

/** Whether a domain may read or write a node. Dom0 is privileged and may do everything. */
export const isPermitted = (permissions: Permissions, domid: number, wanted: 'r' | 'w'): boolean => {
  const [owner, ...others] = permissions;
  if (domid === 0 || owner.domid === domid) return true;
  return allows(others.find((entry) => entry.domid === domid)?.access ?? owner.access, wanted);
};

/** The wire format, such as `r5`. */
export const formatPermission = ({ domid, access }: Permission): string => `${access}${domid}`;

export const parsePermission = (text: string): Permission | null => {
  const [, access, domid] = text.match(/^([nrwb])(\d{1,5})$/) ?? [];
  if (!access || !domid || Number(domid) > 0xffff) return null;
  return { domid: Number(domid), access: access as Access };
};
