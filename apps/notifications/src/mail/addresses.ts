/** What SMTP and every header can carry as it is: no quoting, no comments, nothing that ends a line. */
const ADDRESS =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const LONGEST = 254;
const MOST = 10;

/** Whether a text is one address and nothing else. */
export const isAddress = (text: string): boolean =>
  text.length <= LONGEST && !text.startsWith('-') && ADDRESS.test(text);

/** The addresses in an account's contact, which is free text such as `Jo <jo@acme.example>, it@acme.example`. */
export function addressesIn(contact: string | null): string[] {
  const words = (contact ?? '').split(/[\s,;<>"()]+/).map((word) => word.replace(/^mailto:/i, ''));
  const found = words.filter(isAddress);
  // Domains know no case, and in practice neither do names.
  return [...new Map(found.map((address) => [address.toLowerCase(), address])).values()].slice(0, MOST);
}
