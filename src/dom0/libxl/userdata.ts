/** What libxl keeps of a domain in Dom0's files: its config as JSON (libxl_userdata_store). */
import { configObject, printJson } from './config-json.ts';
import type { DomainRecord, LibxlContext } from './context.ts';

const pathOf = ({ domain, uuid }: DomainRecord): string =>
  `/var/lib/xen/userdata-d.${domain.domainId}.${uuid}.libxl-json`;

export function storeConfig({ files }: LibxlContext, record: DomainRecord): void {
  files.write(pathOf(record), `${printJson(configObject(record.config, record.uuid, null))}\n`);
}

export function removeConfig({ files }: LibxlContext, record: DomainRecord): void {
  files.remove(pathOf(record));
}
