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

/** What an office's own network is made of. */
const PRIVATE_V4 = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];
const PRIVATE_V6 = ['fc00::/7'];
/** Clouds answer questions about themselves here, credentials included. */
const METADATA_V6 = ['fd00:ec2::/32', 'fd20:ce::/32'];

const blocked = networksOf(BLOCKED_V4, BLOCKED_V6);
const privateNetworks = networksOf(PRIVATE_V4, PRIVATE_V6);
const metadata = networksOf([], METADATA_V6);

function networksOf(v4: string[], v6: string[]): BlockList {
  const networks = new BlockList();
  for (const [list, family] of [
    [v4, 'ipv4'],
    [v6, 'ipv6'],
  ] as const) {
    for (const cidr of list) {
      const [network = '', bits = ''] = cidr.split('/');
      networks.addSubnet(network, Number(bits), family);
    }
  }
  return networks;
}

/** True for any address that is not plainly public, and for what is no address at all. */
export function isBlockedAddress(address: string | undefined): boolean {
  const bare = (address ?? '').replace(/%.*$/, '');
  return isIP(bare) === 0 || isIn(blocked, bare);
}

/** True for an address of somebody's own network: not this machine, not the link, no cloud's metadata. */
export function isPrivateNetwork(address: string): boolean {
  return isIP(address) !== 0 && isIn(privateNetworks, address) && !isIn(metadata, address);
}

const isIn = (networks: BlockList, address: string): boolean =>
  networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
