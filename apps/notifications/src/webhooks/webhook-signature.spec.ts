import { describe, expect, it } from '@jest/globals';
import { Secret } from '@backhaul/domain';
import { parseAllowList } from '@backhaul/psa/egress';
import { isWebhookSecret, newWebhookSecret, signedHeaders } from './webhook-signature.js';
import { webhookUrlProblem } from './webhook-url.js';

describe('a webhook signature', () => {
  it('is the one of the Standard Webhooks reference', () => {
    const secret = new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const headers = signedHeaders(
      { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' },
      [secret],
    );
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('stands there once for each secret', () => {
    const secrets = [newWebhookSecret(), newWebhookSecret()];
    const signed = { id: 'a', timestamp: 1, body: '' };
    const each = secrets.map((secret) => signedHeaders(signed, [secret])['webhook-signature']);
    expect(signedHeaders(signed, secrets)['webhook-signature']).toBe(each.join(' '));
    expect(each[0]).not.toBe(each[1]);
  });

  it.each([
    [newWebhookSecret().reveal(), true],
    [`whsec_${Buffer.alloc(24).toString('base64')}`, true],
    [`whsec_${Buffer.alloc(64).toString('base64')}`, true],
    [`whsec_${Buffer.alloc(23).toString('base64')}`, false],
    [`whsec_${Buffer.alloc(65).toString('base64')}`, false],
    [Buffer.alloc(32).toString('base64'), false],
    ['whsec_not base64 at all but long enough', false],
  ])('takes %s for a secret: %s', (text, expected) => expect(isWebhookSecret(text)).toBe(expected));
});

describe('the address of a webhook', () => {
  const allow = parseAllowList(['10.1.0.0/16', 'hooks.internal:8080']);
  it.each([
    ['https://hooks.example/a/b?c=d', true],
    ['https://10.1.2.3/x', true],
    ['http://hooks.internal:8080/', true],
    ['http://hooks.example/', false],
    ['https://hooks.example:8443/', false],
    ['https://user:word@hooks.example/', false],
    ['https://hooks.example/#part', false],
    ['https://127.0.0.1/', false],
    ['https://[::1]/', false],
    ['https://0x7f.1/', false],
    ['https://localhost/', false],
    ['https://printer.local/', false],
    ['https://intranet/', false],
    ['ftp://hooks.example/', false],
    ['hooks.example', false],
  ])('%s: %s', (url, expected) => expect(webhookUrlProblem(url, allow) === null).toBe(expected));
});
