import { BlockList, isIP } from 'node:net';

/** Everything that is not the public internet. `BlockList` sees through `::ffff:a.b.c.d` by itself. */
const BLOCKED_V4 = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24',
  '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24',
  '224.0.0.0/4', '240.0.0.0/4',
]; // prettier-ignore
const BLOCKED_V6 = [
  '::/128', '::1/128', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/32', '2001:db8::/32', '2002::/16',
  'fc00::/7', 'fe80::/10', 'ff00::/8',
]; // prettier-ignore

const blocked = new BlockList();
for (const [list, family] of [
  [BLOCKED_V4, 'ipv4'],
  [BLOCKED_V6, 'ipv6'],
] as const) {
  for (const cidr of list) {
    const [network = '', bits = ''] = cidr.split('/');
    blocked.addSubnet(network, Number(bits), family);
  }
}

/** True for any address that is not plainly public, and for what is no address at all. */
export function isBlockedAddress(address: string | undefined): boolean {
  const bare = (address ?? '').replace(/%.*$/, '');
  const family = isIP(bare);
  return family === 0 || blocked.check(bare, family === 6 ? 'ipv6' : 'ipv4');
}
