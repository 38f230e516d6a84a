const LONGEST = 2048;

/** Username and password of `Authorization: Basic` (RFC 7617, UTF-8); null for anything else. */
export function basicCredentials(
  authorization: string | undefined,
): { username: string; password: string } | null {
  const encoded = /^Basic +([A-Za-z0-9+/_-]+={0,2})$/i.exec(authorization ?? '')?.[1];
  if (!encoded || encoded.length > LONGEST) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const [username, password] = [text.slice(0, colon), text.slice(colon + 1)];
  if (colon < 1 || username.length > 200 || password === '' || password.length > 1024) return null;
  return /\p{Cc}/u.test(text) ? null : { username, password };
}
