import { COMPANY_ID, PRIVATE_KEY, PUBLIC_KEY } from '../connectwise/connectwise.data.js';
import { startSimulator, type Simulator } from '../simulator.js';

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: unknown;
}

export interface Running {
  simulator: Simulator;
  /** A call of the ConnectWise API, with its keys; `null` takes a header away. */
  connectwise(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string | null>,
  ): Promise<Reply>;
  autotask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string | null>,
  ): Promise<Reply>;
  admin(method: string, path: string, body?: unknown): Promise<Reply>;
}

/** The header that an API member's key is sent in. */
export function connectWiseKeys(
  publicKey: string,
  privateKey: string,
  company = COMPANY_ID,
): { authorization: string } {
  const keys = Buffer.from(`${company}+${publicKey}:${privateKey}`).toString('base64');
  return { authorization: `Basic ${keys}` };
}

const CONNECTWISE = {
  ...connectWiseKeys(PUBLIC_KEY, PRIVATE_KEY),
  clientId: '8a0c1f0e-5d0b-4b6e-9a53-0e6b8f3f6d21',
};
const AUTOTASK = {
  UserName: 'api@demo.example',
  Secret: 'demoSecret',
  ApiIntegrationCode: 'DEMOTRACKINGIDENTIFIER00001',
};

/** The simulator in this process, on free ports. */
export async function startForTest(dataFile: string | null = null): Promise<Running> {
  const simulator = await startSimulator({ host: '127.0.0.1', port: 0, managementPort: 0, dataFile });
  const { url } = simulator;
  return {
    simulator,
    connectwise: (method, path, body, headers = {}) =>
      call(method, `${url}/connectwise/v4_6_release/apis/3.0${path}`, body, { ...CONNECTWISE, ...headers }),
    autotask: (method, path, body, headers = {}) =>
      call(method, `${url}/autotask/V1.0${path}`, body, { ...AUTOTASK, ...headers }),
    admin: (method, path, body) => call(method, `${url}/admin${path}`, body, {}),
  };
}

export async function call(
  method: string,
  url: string,
  body: unknown,
  headers: Record<string, string | null>,
): Promise<Reply> {
  const present = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null);
  const type: [string, string][] = body === undefined ? [] : [['content-type', 'application/json']];
  const response = await fetch(url, {
    method,
    headers: Object.fromEntries([...type, ...present]),
    redirect: 'manual',
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
