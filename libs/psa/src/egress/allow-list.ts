import { BlockList, isIP } from 'node:net';

/** What the guard lets through beside the public internet, `http:` and ports included. */
export interface AllowList {
  /** EGRESS_ALLOW names this host and port: whatever it resolves to. */
  allowsHost(hostname: string, port: number): boolean;
  /** A network of EGRESS_ALLOW, or one that was approved with this port. */
  allowsAddress(address: string, port: number): boolean;
  /**
   * An approved name. Who gives it its address need not be who approved it: it may stand for a private network and for a
   * public address, never for this machine, its neighbours on the link or a cloud's metadata.
   */
  approvesName(hostname: string, port: number): boolean;
  /** A network is approved with this port, so that a name with that port may stand for an address in it. */
  approvesPort(port: number): boolean;
}

/**
 * @param entries EGRESS_ALLOW: CIDRs (`10.1.0.0/16`, `::1/128`) and `host:port`
 * @param approvals of one connection: `CIDR:port` and `host:port`
 * @throws Error naming the first entry that is neither
 */
export function parseAllowList(entries: readonly string[], approvals: readonly string[] = []): AllowList {
  const [hosts, names] = [new Set<string>(), new Set<string>()];
  const everyPort = new BlockList();
  const byPort = new Map<number, BlockList>();
  for (const entry of entries.map((e) => e.trim()).filter((e) => e !== '')) {
    if (entry.includes('/')) addNetwork(everyPort, entry);
    else hosts.add(hostPort(entry));
  }
  for (const approval of approvals) {
    const { target, port } = parseApproval(approval);
    if (!target.includes('/')) names.add(`${target}:${port}`);
    else addNetwork(networkAt(byPort, port), target);
  }
  return {
    allowsHost: (hostname, port) => hosts.has(`${bareHost(hostname)}:${port}`),
    allowsAddress: (address, port) =>
      isIn(everyPort, address) || isIn(byPort.get(port) ?? new BlockList(), address),
    approvesName: (hostname, port) => names.has(`${bareHost(hostname)}:${port}`),
    approvesPort: (port) => byPort.has(port),
  };
}

export interface Approval {
  /** A CIDR; an address alone is a network of one; or a name in lower case. */
  target: string;
  port: number;
}

/** @throws Error naming the text that is neither `CIDR:port` nor `host:port` */
export function parseApproval(text: string): Approval {
  const [, network, after] = /^([0-9a-fA-F.:]+\/\d{1,3}):(\d{1,5})$/.exec(text) ?? [];
  if (network && after) {
    addNetwork(new BlockList(), network);
    return { target: network.toLowerCase(), port: portIn(after, text) };
  }
  const entry = hostPort(text);
  const at = entry.lastIndexOf(':');
  const [host, port] = [entry.slice(0, at), Number(entry.slice(at + 1))];
  const family = isIP(host);
  return { target: family === 0 ? host : `${host}/${family === 6 ? 128 : 32}`, port };
}

function networkAt(byPort: Map<number, BlockList>, port: number): BlockList {
  const networks = byPort.get(port) ?? new BlockList();
  byPort.set(port, networks);
  return networks;
}

function isIn(networks: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && networks.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

function addNetwork(networks: BlockList, entry: string): void {
  const [address = '', bits = ''] = entry.split('/');
  const family = isIP(address);
  const isPrefix = /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32);
  if (family === 0 || !isPrefix) throw new Error(`EGRESS_ALLOW: "${entry}" is no CIDR`);
  networks.addSubnet(address, Number(bits), family === 6 ? 'ipv6' : 'ipv4');
}

function portIn(text: string, entry: string): number {
  const port = Number(text);
  if (!(port >= 1 && port <= 65535)) throw new Error(`EGRESS_ALLOW: "${entry}" names no port`);
  return port;
}

function hostPort(entry: string): string {
  const match = /^(\[[0-9a-f:.]+\]|[^\s:/@[\]]+):(\d{1,5})$/i.exec(entry);
  if (!match?.[1]) throw new Error(`EGRESS_ALLOW: "${entry}" is neither a CIDR nor host:port`);
  return `${bareHost(match[1])}:${portIn(match[2] ?? '', entry)}`;
}

/** Lower case, without the brackets of an IPv6 literal and the root's dot. */
export function bareHost(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}
