const SHORTEST = 4;

/** A function that takes these secrets out of a text, as they are and as they travel in a URL or in base64. */
export function scrubber(secrets: string[]): (text: string) => string {
  const forms = secrets
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
    .toSorted((a, b) => b.length - a.length);
  return (text) => forms.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}
