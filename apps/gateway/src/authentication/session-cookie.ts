import { createHash } from 'node:crypto';

const NAME = '__Host-sid';

/** SHA-256 of what the session cookie holds; the secret itself goes no further. Null without one, or with two. */
export function sessionHashIn(cookie: string | undefined): string | null {
  const found = (cookie ?? '')
    .split(';')
    .map((pair) => pair.trim().split('='))
    .filter(([name]) => name === NAME)
    .map(([, value = '']) => value);
  const [secret] = found;
  if (found.length !== 1 || !secret || !/^[\w-]{43}$/.test(secret)) return null;
  return createHash('sha256').update(secret).digest('hex');
}
