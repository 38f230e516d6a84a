import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { eventually } from '../../eventually.js';
import { AUTHORITY, EXPIRED, OF_ANOTHER_NAME, SELF_SIGNED, SOUND } from '../certificates.js';
import { changeConnection } from '../connection.js';
import type { FaultRow, RowRun } from '../row.js';
import { TlsFront } from '../tls-front.js';
import { type Provider, PROVIDERS, ticketingOf } from '../topology.js';

/** With the code by which operators tell them apart in the log; partners are told no more of a network than they need. */
const MODES: Record<string, { options: TlsOptions; code: string }> = {
  expired: { options: EXPIRED, code: 'CERT_HAS_EXPIRED' },
  'other-name': { options: OF_ANOTHER_NAME, code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
  'self-signed': { options: SELF_SIGNED, code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  'tls-1.0': {
    // OpenSSL's default level has no such version any more.
    options: { ...SOUND, minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
    code: 'ERR_SSL_[A-Z0-9_]*PROTOCOL[A-Z_]*',
  },
};
const PATHS: Record<Provider, string> = { connectwise: '/connectwise', autotask: '/autotask' };
const SECRETS: Record<Provider, string> = { connectwise: 'demoPrivateKey', autotask: 'demoSecret' };

/** That PSA behind TLS, with each of the certificates in turn. */
async function throughTls(run: RowRun, provider: Provider, front: TlsFront): Promise<void> {
  const { system, phase } = run;
  const store = ticketingOf(provider);
  const account = system.account(provider);
  phase('arrange');
  await front.serve(SOUND);
  const secret = SECRETS[provider];
  const url = `https://localhost:${front.port}${PATHS[provider]}`;
  await changeConnection(system, provider, { secret, url });
  await system.report(account, 'failure', `Row39-${provider}-sound`);
  await system.ticket(`Row39-${provider}-sound`, 'open');
  assert.ok(front.accepted > 0, 'the PSA was not called by TLS');

  for (const [mode, { options, code }] of Object.entries(MODES)) {
    const job = `Row39-${provider}-${mode}`;
    phase('inject');
    await front.serve(options);
    const before = front.accepted;
    const logged = system.fleet.service(store).logs().length;
    await system.report(account, 'failure', job);

    phase('expect');
    // A connection of before may be lost first; of this one it is known that nothing was sent.
    const logs = (): string => system.fleet.service(store).logs().slice(logged);
    const unsent = new RegExp(`"outcome":"not_sent","reason":"tls_failed","code":"${code}"`);
    await eventually(() => unsent.test(logs()), { timeoutMs: 60_000 });
    assert.deepEqual([front.accepted - before, front.plain], [0, 0], `${mode}: a call went through`);

    phase('heal');
    await front.serve(SOUND);
    await system.ticket(job, 'open');
  }
  for (const mode of ['sound', ...Object.keys(MODES)])
    await system.report(account, 'success', `Row39-${provider}-${mode}`);
  for (const mode of ['sound', ...Object.keys(MODES)])
    await system.ticket(`Row39-${provider}-${mode}`, 'closed');
  const url2 = `${system.fleet.url('psa-simulator')}${PATHS[provider]}`;
  await changeConnection(system, provider, { secret, url: url2 });
}

export const row: FaultRow = {
  number: 39,
  fault:
    'the certificate of the PSA is expired, of another name or signed by itself; or it speaks TLS 1.0 alone',
  expected: 'nothing is sent, operators read in the log which of these it is; no call goes out without TLS',
  promises: ['P4'],
  group: 'psas',
  smaller: 'libs/psa/src/outcomes.spec.ts',
  async run(run) {
    const { system, measured } = run;
    const simulator = new URL(system.fleet.url('psa-simulator'));
    const front = await TlsFront.start(Number(simulator.port), SOUND);
    const dir = mkdtempSync(join(tmpdir(), 'backhaul-authority-'));
    const file = join(dir, 'authority.pem');
    writeFileSync(file, AUTHORITY);
    const env = {
      EGRESS_ALLOW: `${simulator.host},localhost:${front.port}`,
      NODE_EXTRA_CA_CERTS: file,
      // A handshake of a busy machine is not what this row is about.
      PSA_REQUEST_TIMEOUT_MS: '15000',
      LANE_LEASE_MS: '60000',
    };
    const services = ['accounts', ...PROVIDERS.map(ticketingOf)] as const;
    try {
      for (const name of services) await system.fleet.restart(name, env);
      for (const provider of PROVIDERS) await throughTls(run, provider, front);
      measured('connections by TLS', front.accepted);
    } finally {
      front.close();
      rmSync(dir, { recursive: true });
    }
    for (const name of services) await system.fleet.restart(name);
    await run.invariants();
  },
};
