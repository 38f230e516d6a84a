import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type ConnectionId, type PartnerId, systemClock } from '@backhaul/domain';
import { Keyring, parseSealed, placeOfConnection, seal, SealError } from '@backhaul/persistence';
import { openFields } from '@backhaul/persistence/opening';
import { eventually, repoRoot, runProgram } from '@backhaul/testing';
import { AUTOTASK, CONNECTWISE, TestRest } from '../testing/rest.js';
import { SecretBox } from '../second-factors/secret-box.js';
import { DataKeyRepository } from './data-key.repository.js';
import { fingerprintKeyOf } from './fingerprint-key.js';
import { RotateKeysHandler } from './rotate-keys.handler.js';
import { SealedConnections } from './sealed-connections.js';

jest.setTimeout(180_000);
const kek = (): string => randomBytes(32).toString('base64');
/** The service knows it before it is used, as docs/operations.md says. */
const NEXT = kek();
let rest: TestRest;
let partners: PartnerId[];
beforeAll(async () => {
  rest = await TestRest.start([], systemClock, NEXT);
  partners = [];
  for (let n = 0; n < 12; n += 1) partners.push(await rest.partner(`Partner ${n}`));
  for (const partnerId of partners) {
    await put(partnerId, 'connectwise', { ...CONNECTWISE, privateKey: `private of ${partnerId}` });
    await put(partnerId, 'autotask', { ...AUTOTASK, password: `password of ${partnerId}` });
  }
});
afterAll(() => rest.close());

async function put(partnerId: PartnerId, provider: string, body: object): Promise<number> {
  const path = `psa/${provider}/connection`;
  const { etag } = await rest.call('GET', path, { partnerId });
  return (await rest.call('PUT', path, { partnerId, body, ifMatch: etag })).status;
}

interface Sealed {
  partnerId: PartnerId;
  connectionId: ConnectionId;
  provider: string;
  sealed: string;
  version: number;
}
const sealedRows = (): Promise<Sealed[]> =>
  rest.unitOfWork.query(
    `SELECT partner_id AS "partnerId", connection_id AS "connectionId", provider, sealed_secret AS sealed, version
     FROM psa_connection ORDER BY partner_id, provider`,
  );
const open = (keyring: Keyring, row: Sealed, text = row.sealed): Record<string, string> =>
  openFields(keyring, placeOfConnection(row), text).reveal();
/** What ticketing has, whatever was told before: the last record of each connection. */
async function lastTold(row: Sealed): Promise<string> {
  const told = await rest.published('accounts.connections.v1', row.connectionId);
  return String(told.at(-1)?.['sealedSecret']);
}

const handlerOf = (keyring: Keyring, batch = 50, report: () => void = () => undefined): RotateKeysHandler =>
  new RotateKeysHandler(
    rest.unitOfWork,
    keyring,
    new DataKeyRepository(keyring),
    new SealedConnections(keyring),
    { batch, report },
  );

async function expectAllOpen(keyring: Keyring): Promise<void> {
  for (const row of await sealedRows()) {
    const secret = open(keyring, row);
    expect(Object.values(secret).join()).toContain(row.partnerId);
    expect(await lastTold(row)).toBe(row.sealed);
  }
}

/** Saves of every partner, one after another, until it is told to stop; what was saved last. */
function savesOf(partnerId: PartnerId): { stop: () => Promise<string> } {
  let isOver = false;
  let last = '';
  const saving = (async () => {
    for (let n = 0; !isOver; n += 1) {
      const privateKey = `save ${n} of ${partnerId}`;
      // Every other save keeps the key: it must survive being sealed anew by somebody else meanwhile.
      if (
        (await put(partnerId, 'connectwise', {
          ...CONNECTWISE,
          ...(n % 2 === 0 ? { privateKey } : { privateKey: '' }),
        })) !== 200
      )
        // prettier-ignore
        throw new Error('A save was lost');
      if (n % 2 === 0) last = privateKey;
    }
    return last;
  })();
  return {
    stop: () => {
      isOver = true;
      return saving;
    },
  };
}

describe('a rotation of the key encryption key', () => {
  it('leaves the secrets sealed, tells ticketing, and the old key opens nothing any more', async () => {
    const [next] = [kek()];
    const before = await sealedRows();
    const progress: number[] = [];
    const both = Keyring.of(next, rest.kek);
    const rotate = handlerOf(both, 4, () => progress.push(progress.length));
    expect(await rotate.rewrap()).toEqual({ done: 12, total: 12, lost: 0 });
    expect(progress).toHaveLength(3);
    expect(await rotate.underOtherKeys()).toBe(0);
    await expectAllOpen(Keyring.of(next));
    const after = await sealedRows();
    after.forEach((row, n) => {
      const [a, b] = [parseSealed(row.sealed), parseSealed(before[n]?.sealed ?? '')];
      expect([a?.body, a?.version, row.version]).toEqual([b?.body, b?.version, before[n]?.version]);
      expect(() => open(Keyring.of(rest.kek), row)).toThrow(SealError);
    });
    expect(await rotate.rewrap()).toEqual({ done: 0, total: 0, lost: 0 });
    // Back, for the tests below.
    await handlerOf(Keyring.of(rest.kek, next)).rewrap();
    await expectAllOpen(Keyring.of(rest.kek));
  });

  it('takes what the scheme of before sealed along', async () => {
    const next = kek();
    const [row] = (await sealedRows()).slice(-1) as [Sealed];
    const context = `${row.partnerId}|psa_connection|${row.connectionId}|secret`;
    const old = seal(Buffer.from(rest.kek, 'base64'), context, JSON.stringify(open(rest.keyring, row)));
    await rest.unitOfWork.query('UPDATE psa_connection SET sealed_secret = $2 WHERE connection_id = $1', [
      row.connectionId,
      old,
    ]);
    await rest.unitOfWork.query('DELETE FROM data_key WHERE partner_id = $1', [row.partnerId]);
    expect(await handlerOf(Keyring.of(next, rest.kek)).rewrap()).toMatchObject({ lost: 0 });
    await expectAllOpen(Keyring.of(next));
    await handlerOf(Keyring.of(rest.kek, next)).rewrap();
  });

  it('keeps authenticators: what they share with us opens under the new key, and no more under the old one alone', async () => {
    const next = kek();
    const { dataSource } = rest.database;
    const box = async (keyring: Keyring) => new SecretBox(await fingerprintKeyOf(dataSource, keyring));
    const sealed = (await box(rest.keyring)).close('a person', 'JBSWY3DPEHPK3PXP');
    await handlerOf(Keyring.of(next, rest.kek)).rewrap();
    expect((await box(Keyring.of(next))).open('a person', sealed)).toBe('JBSWY3DPEHPK3PXP');
    await expect(box(Keyring.of(rest.kek))).rejects.toThrow(SealError);
    await handlerOf(Keyring.of(rest.kek, next)).rewrap();
    expect((await box(rest.keyring)).open('a person', sealed)).toBe('JBSWY3DPEHPK3PXP');
  });

  it('keeps the key that fingerprints passwords (A8)', async () => {
    const next = kek();
    const { dataSource } = rest.database;
    const first = await fingerprintKeyOf(dataSource, rest.keyring);
    expect(await handlerOf(Keyring.of(next, rest.kek)).rewrap()).toMatchObject({ lost: 0 });
    expect((await fingerprintKeyOf(dataSource, Keyring.of(next))).reveal()).toEqual(first.reveal());
    await expect(fingerprintKeyOf(dataSource, Keyring.of(kek()))).rejects.toThrow(SealError);
    await handlerOf(Keyring.of(rest.kek, next)).rewrap();
  });

  it('counts what no key opens, leaves it alone and goes on with the rest', async () => {
    const next = kek();
    const [row] = (await sealedRows()) as [Sealed];
    const foreign = (await sealedRows()).at(-1)?.sealed;
    const store = (text: string | undefined) =>
      rest.unitOfWork.query('UPDATE psa_connection SET sealed_secret = $2 WHERE connection_id = $1', [
        row.connectionId,
        text,
      ]);
    await store(foreign);
    const rotate = handlerOf(Keyring.of(next, rest.kek));
    expect(await rotate.rewrap()).toEqual({ done: 12, total: 12, lost: 1 });
    expect(await rotate.underOtherKeys()).toBe(1);
    await handlerOf(Keyring.of(rest.kek, next)).rewrap();
    await store(row.sealed);
    await expectAllOpen(Keyring.of(rest.kek));
  });
});

describe('a rotation of data keys', () => {
  it('makes new ones, seals everything anew and forgets the old', async () => {
    const before = await sealedRows();
    expect(await handlerOf(rest.keyring, 2).renew(null)).toEqual({ done: 12, total: 12, lost: 0 });
    const after = await sealedRows();
    after.forEach((row, n) => {
      const [a, b] = [parseSealed(row.sealed), parseSealed(before[n]?.sealed ?? '')];
      expect(a?.version).toBe((b?.version ?? 0) + 1);
      expect(a?.body).not.toBe(b?.body);
    });
    await expectAllOpen(Keyring.of(rest.kek));
    const keys = await rest.unitOfWork.query<{ n: number }>('SELECT count(*)::int AS n FROM data_key');
    expect(keys).toEqual([{ n: partners.length }]);
  });

  it('of one partner touches no other', async () => {
    const [one] = partners as [PartnerId];
    const before = await sealedRows();
    expect(await handlerOf(rest.keyring).renew(one)).toEqual({ done: 1, total: 1, lost: 0 });
    for (const [n, row] of (await sealedRows()).entries())
      expect([row.partnerId, row.sealed === before[n]?.sealed]).toEqual([
        row.partnerId,
        row.partnerId !== one,
      ]);
    await expectAllOpen(Keyring.of(rest.kek));
  });

  it('of both kinds loses no save that is made meanwhile', async () => {
    const next = NEXT;
    const both = Keyring.of(next, rest.kek);
    const saves = partners.map(savesOf);
    for (let round = 0; round < 3; round += 1) {
      expect(await handlerOf(both, 3).renew(null)).toMatchObject({ lost: 0 });
      expect(await handlerOf(both, 2).rewrap()).toMatchObject({ lost: 0 });
    }
    const saved = await Promise.all(saves.map(({ stop }) => stop()));
    // What the running service sealed meanwhile carries the wrapping of the partner's key as it stands.
    expect(await handlerOf(both).underOtherKeys()).toBe(0);
    const rows = await sealedRows();
    for (const [n, partnerId] of partners.entries()) {
      const row = rows.find((one) => one.partnerId === partnerId && one.provider === 'connectwise') as Sealed;
      expect(open(Keyring.of(next), row)).toEqual({ privateKey: saved[n] });
    }
    await expectAllOpen(Keyring.of(next));
    await handlerOf(Keyring.of(rest.kek, next)).rewrap();
  });
});

describe('the command, as a process', () => {
  const env = (over: Record<string, string> = {}) => ({
    DATABASE_URL: rest.database.url,
    KEY_ENCRYPTION_KEY: rest.kek,
    ...over,
  });

  it.each(['--dek', '--kek'])('goes on after kill -9 between any two batches: %s', async (kind) => {
    const next = kind === '--kek' ? kek() : rest.kek;
    const keys = env({ KEY_ENCRYPTION_KEY: next, KEY_ENCRYPTION_KEYS_OLD: rest.kek });
    const before = await sealedRows();
    const file = join(repoRoot, 'apps/accounts/dist/rotate-keys.js');
    let kills = 0;
    for (let at = 1; at <= 3; at += 1) {
      const child = spawn(process.execPath, [file, kind, '--batch', '1'], {
        env: { PATH: process.env['PATH'], ...keys },
      });
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (/\d of \d/.test(said)) child.kill('SIGKILL');
      });
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      if (signal === 'SIGKILL') kills += 1;
      await eventually(async () => {
        const held = await rest.unitOfWork.query(
          "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'",
        );
        return held.length === 0;
      });
    }
    expect(kills).toBeGreaterThan(0);
    expect(await runProgram('accounts', 'rotate-keys.js', keys, [kind, '--batch', '2'])).toContain(
      '0 partners',
    );
    await expectAllOpen(Keyring.of(next));
    if (kind === '--dek')
      for (const [n, row] of (await sealedRows()).entries())
        // One new key each, however often the run was cut off.
        expect(parseSealed(row.sealed)?.version).toBe(
          (parseSealed(before[n]?.sealed ?? '')?.version ?? 0) + 1,
        );
    else await handlerOf(Keyring.of(rest.kek, next)).rewrap();
  });

  it('says what is left, and fails while something is under a key that it was not given', async () => {
    const other = env({ KEY_ENCRYPTION_KEY: kek() });
    expect(await runProgram('accounts', 'rotate-keys.js', other, ['--status'])).toContain('12 partners');
    await expect(runProgram('accounts', 'rotate-keys.js', other, ['--kek'])).rejects.toThrow();
    await expectAllOpen(Keyring.of(rest.kek));
    expect(await runProgram('accounts', 'rotate-keys.js', env(), ['--status'])).toContain('0 partners');
  });

  it.each([[[]], [['--kek', '--dek']], [['--dek', '--partner', 'x']]])('refuses %j', async (args) => {
    await expect(runProgram('accounts', 'rotate-keys.js', env(), args)).rejects.toThrow(
      /Usage|Unknown option/,
    );
  });

  it.each(['KEY_ENCRYPTION_KEY', 'KEY_ENCRYPTION_KEYS_OLD'])(
    'names a wrong %s and repeats none',
    async (name) => {
      const wrong = runProgram('accounts', 'rotate-keys.js', env({ [name]: 'hush-hush' }), ['--status']);
      await expect(wrong).rejects.toThrow(name);
      await expect(wrong).rejects.not.toThrow('hush-hush');
    },
  );
});
