import { SECRET, TRACKING_IDENTIFIER, USERNAME } from '../autotask/autotask.data.js';
import { DEFAULT_BOARD, PRIVATE_KEY, PUBLIC_KEY } from '../connectwise/connectwise.data.js';
import { hashOf } from './credentials.js';
import type { Member } from './member.js';
import { API_LEVEL, type Resource } from './resource.js';

const CREATED_AT = '2026-01-01T00:00:00Z';

const member = (id: number, identifier: string, name: string): Member => ({
  id,
  identifier,
  name,
  roleId: 63,
  defaultBoardId: DEFAULT_BOARD,
  isApi: false,
  isInactive: false,
  keys: [],
});

/** Two people and the API member of the demo partner. */
export const demoMembers = (): Member[] => [
  member(1, 'JDoe', 'Jane Doe'),
  member(2, 'TTech', 'Tom Technician'),
  {
    ...member(3, 'backhaul', 'Backhaul'),
    isApi: true,
    keys: [
      {
        id: 1,
        description: 'Demo',
        publicKey: PUBLIC_KEY,
        privateKeyHash: hashOf(PRIVATE_KEY),
        createdAt: CREATED_AT,
      },
    ],
  },
];

const resource = (id: number, firstName: string, lastName: string): Resource => ({
  id,
  firstName,
  lastName,
  emailAddress: `${firstName.toLowerCase()}@demo.example`,
  emailType: 'Primary',
  securityLevel: 'Service Desk User',
  dateFormat: 'MM/dd/yyyy',
  timeFormat: 'hh:mm a',
  numberFormat: 'X,XXX.XX',
  primaryInternalLocation: 'Headquarters',
  isActive: true,
  isLocked: false,
  username: null,
  secretHash: null,
  tracking: null,
});

/** Two people and the API user of the demo partner. */
export const demoResources = (): Resource[] => [
  resource(1, 'Jane', 'Doe'),
  resource(2, 'Tom', 'Technician'),
  {
    ...resource(3, 'API', 'User'),
    securityLevel: API_LEVEL,
    username: USERNAME,
    secretHash: hashOf(SECRET),
    tracking: { kind: 'custom', integrationName: 'Demo', identifier: TRACKING_IDENTIFIER },
  },
];
