import { inspect } from 'node:util';
import { expect, it } from '@jest/globals';
import { buildNewTicket, localPort, localStatistics, patient } from './testing/ports.js';
import { httpBytes, tcpScript } from './testing/tcp-script.js';
import { PROVIDER_NAMES } from './ticket-port.js';

const SECRETS = {
  privateKey: 'S3cret+Private/Key',
  password: 'S3cret+Pass/Word',
  trackingIdentifier: 'S3CRETTRACKING',
};
const FORMS = Object.values(SECRETS).flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64'),
]);
const KEYS = Buffer.from(`demo+demoPublicKey:${SECRETS.privateKey}`).toString('base64');

it.each(PROVIDER_NAMES)(
  'no secret ever leaves in an error of %s, even when the PSA echoes the whole request',
  async (provider) => {
    const statuses = [
      '200 OK',
      '400 Bad Request',
      '401 Unauthorized',
      '403 Forbidden',
      '429 Too Many Requests',
      '500 Internal Server Error',
      '503 Service Unavailable',
    ];
    for (const status of statuses) {
      const server = await tcpScript((socket, request) => {
        const echo = `${request} ${FORMS.join(' ')} ${KEYS} demoPublicKey`;
        socket.end(
          httpBytes(
            status,
            JSON.stringify({ message: echo, errors: [echo, { message: echo, field: echo }] }),
          ),
        );
      });
      const url = `http://127.0.0.1:${server.port}`;
      const error: unknown = await localPort(provider, url, { secret: SECRETS })
        .create(buildNewTicket({ companyId: '250' }), patient())
        .catch((thrown: unknown) => thrown);
      const ofStatistics: unknown = await localStatistics(provider, url, { secret: SECRETS })
        ?.push({ custId: 1, companyId: '250' }, { successfulBackupJobs: 1, failedBackupJobs: 0 }, patient())
        .catch((thrown: unknown) => thrown);
      await server.close();
      expect(server.requests.length).toBeGreaterThan(0);
      const shown = [error, ofStatistics]
        .map((each) => `${inspect(each, { depth: 9, showHidden: true })} ${JSON.stringify(each)}`)
        .concat((error as Error).stack ?? '')
        .join(' ');
      expect(shown).toContain('PsaError');
      if (provider === 'connectwise') expect(ofStatistics).toMatchObject({ name: 'PsaError' });
      for (const form of [...FORMS, KEYS]) expect(shown).not.toContain(form);
      // Half of ConnectWise's credentials: forms show it masked, so a ticket's trouble must not show it whole.
      if (provider === 'connectwise') expect(shown).not.toContain('demoPublicKey');
    }
  },
);

it.each([
  ['refused', 'http://127.0.0.1:9'],
  ['blocked', 'http://10.0.0.1'],
  ['no URL', 'not a url'],
])('nor when nothing was sent: %s', async (_what, url) => {
  for (const provider of PROVIDER_NAMES) {
    const attempt = async (): Promise<unknown> =>
      localPort(provider, url, { secret: SECRETS }).create(buildNewTicket(), patient());
    const error: unknown = await attempt().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'PsaError' });
    const shown = `${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`;
    for (const form of [...FORMS, KEYS]) expect(shown).not.toContain(form);
  }
});
