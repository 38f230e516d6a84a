import { BlockList, isIP } from 'node:net';

/** EGRESS_ALLOW: CIDRs (`10.1.0.0/16`, `::1/128`) and `host:port` pairs that the guard lets through, http included. */
export interface AllowList {
  allowsHost(hostname: string, port: number): boolean;
  allowsAddress(address: string): boolean;
}

/** @throws Error naming the first entry that is neither. */
export function parseAllowList(entries: string[]): AllowList {
  const hosts = new Set<string>();
  const networks = new BlockList();
  for (const entry of entries.map((e) => e.trim()).filter((e) => e !== '')) {
    if (entry.includes('/')) addNetwork(networks, entry);
    else hosts.add(hostPort(entry));
  }
  return {
    allowsHost: (hostname, port) => hosts.has(`${bareHost(hostname)}:${port}`),
    allowsAddress: (address) =>
      isIP(address) !== 0 && networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'),
  };
}

function addNetwork(networks: BlockList, entry: string): void {
  const [address = '', bits = ''] = entry.split('/');
  const family = isIP(address);
  const isPrefix = /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32);
  if (family === 0 || !isPrefix) throw new Error(`EGRESS_ALLOW: "${entry}" is no CIDR`);
  networks.addSubnet(address, Number(bits), family === 6 ? 'ipv6' : 'ipv4');
}

function hostPort(entry: string): string {
  const match = /^(\[[0-9a-f:.]+\]|[^\s:/@[\]]+):(\d{1,5})$/i.exec(entry);
  const port = Number(match?.[2]);
  if (!match?.[1] || port < 1 || port > 65535)
    throw new Error(`EGRESS_ALLOW: "${entry}" is neither a CIDR nor host:port`);
  return `${bareHost(match[1])}:${port}`;
}

/** Lower case, without the brackets of an IPv6 literal and the root's dot. */
export function bareHost(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}
