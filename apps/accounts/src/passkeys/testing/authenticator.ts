import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { cbor } from './cbor.js';

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const ATTESTED = 0x40;

/** What a test lets go wrong. */
export interface Mishaps {
  origin?: string;
  rpId?: string;
  challenge?: string;
  type?: string;
  crossOrigin?: boolean;
  isVerified?: boolean;
  counter?: number;
  userHandle?: string;
  signature?: string;
}

interface Options {
  challenge: string;
  rp?: { id: string };
  rpId?: string;
  user?: { id: string };
}

/** An authenticator and its browser in software: real keys, real ES256 signatures, the bytes of WebAuthn level 3. */
export class Authenticator {
  readonly id = randomBytes(32).toString('base64url');
  counter = 0;
  private readonly keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  private userHandle = randomBytes(16).toString('base64url');

  constructor(private readonly origin: string) {}

  /** Answers `navigator.credentials.create()`. */
  create({ challenge, rp, user }: Options, mishaps: Mishaps = {}): Record<string, unknown> {
    this.userHandle = user?.id ?? this.userHandle;
    const authData = Buffer.concat([
      this.authData(mishaps.rpId ?? rp?.id ?? '', ATTESTED, mishaps),
      Buffer.alloc(16),
      uint(2, Buffer.from(this.id, 'base64url').length),
      Buffer.from(this.id, 'base64url'),
      coseOf(this.keys.publicKey),
    ]);
    const attestation = cbor(
      new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', authData],
      ]),
    );
    return this.credential({
      clientDataJSON: this.clientData('webauthn.create', challenge, mishaps),
      attestationObject: attestation.toString('base64url'),
      transports: ['internal'],
    });
  }

  /** Answers `navigator.credentials.get()`. */
  get({ challenge, rpId }: Options, mishaps: Mishaps = {}): Record<string, unknown> {
    this.counter = mishaps.counter ?? this.counter + 1;
    const authData = this.authData(mishaps.rpId ?? rpId ?? '', 0, mishaps);
    const clientDataJSON = this.clientData('webauthn.get', challenge, mishaps);
    const hash = createHash('sha256').update(Buffer.from(clientDataJSON, 'base64url')).digest();
    const signature = sign('sha256', Buffer.concat([authData, hash]), this.keys.privateKey);
    return this.credential({
      clientDataJSON,
      authenticatorData: authData.toString('base64url'),
      signature: mishaps.signature ?? signature.toString('base64url'),
      userHandle: mishaps.userHandle ?? this.userHandle,
    });
  }

  private credential(response: object): Record<string, unknown> {
    const { id } = this;
    return {
      id,
      rawId: id,
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: {},
      response,
    };
  }

  private clientData(type: string, challenge: string, mishaps: Mishaps): string {
    const data = {
      type: mishaps.type ?? type,
      challenge: mishaps.challenge ?? challenge,
      origin: mishaps.origin ?? this.origin,
      crossOrigin: mishaps.crossOrigin ?? false,
    };
    return Buffer.from(JSON.stringify(data)).toString('base64url');
  }

  private authData(rpId: string, flags: number, { isVerified = true }: Mishaps): Buffer {
    const verified = isVerified ? USER_VERIFIED : 0;
    const rpIdHash = createHash('sha256').update(rpId).digest();
    return Buffer.concat([rpIdHash, uint(1, flags | USER_PRESENT | verified), uint(4, this.counter)]);
  }
}

function uint(bytes: number, value: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}

/** RFC 9052: an EC2 key on P-256 for ES256. */
function coseOf(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const [atX, atY] = [Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')];
  return cbor(new Map<number, unknown>([[1, 2], [3, -7], [-1, 1], [-2, atX], [-3, atY]])); // prettier-ignore
}
