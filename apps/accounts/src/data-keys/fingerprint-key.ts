import { Secret } from '@backhaul/domain';
import { type Keyring, UnitOfWork } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
import { PasswordFingerprint } from '../accounts/passwords.js';
import { PlatformKeys } from './platform-key.js';

/** Before a key of its own was stored, the oldest key encryption key made it. @throws SealError */
export async function fingerprintKeyOf(dataSource: DataSource, keyring: Keyring): Promise<Secret<Buffer>> {
  const oldest = keyring.all.at(-1) ?? keyring.current;
  const first = PasswordFingerprint.firstKey(oldest.key.reveal());
  return new Secret(await new PlatformKeys(keyring).fingerprint(new UnitOfWork(dataSource), first));
}
