/** The arrows that docs/ARCHITECTURE.md allows. A fixture that breaks them proves that this bites (scripts/lint.mjs). */
const lib = (names) => `^libs/(${names.join('|')})/`;
const arrow = (from, allowed) => ({
  name: `libs-${from}`,
  comment: `libs/${from} may import ${allowed.length ? allowed.join(', ') : 'nothing of ours'}.`,
  severity: 'error',
  from: { path: `^libs/${from}/`, pathNot: '\\.spec\\.ts$' },
  to: { path: '^(libs|apps)/', pathNot: lib([from, ...allowed]) },
});

/** Who may open what is sealed. */
const MAY_OPEN = [
  '^apps/ticketing/src/connections/ticket-ports\\.ts$',
  '^apps/billing-sync/src/connections/',
  '^apps/accounts/src/connections/test-connection\\.handler\\.ts$',
  // No partner's secret: the key that fingerprints passwords.
  '^apps/accounts/src/data-keys/platform-key\\.ts$',
  // Nor this: what a person's authenticator shares with us.
  '^apps/accounts/src/second-factors/secret-box\\.ts$',
  '^libs/persistence/src/(opening|sealing/[a-z0-9-]+)\\.ts$',
];

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-app-to-app',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    { name: 'no-lib-to-app', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    arrow('domain', []),
    arrow('messaging', ['domain']),
    arrow('persistence', ['messaging', 'domain']),
    arrow('psa', ['domain']),
    arrow('http', ['domain']),
    arrow('telemetry', ['domain']),
    {
      name: 'testing-in-specs-only',
      severity: 'error',
      from: {
        path: '^(apps|libs)/',
        pathNot: ['\\.spec\\.ts$', '^libs/testing/', '/src/testing/', '/jest\\.'],
      },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'psa-only-where-it-belongs',
      severity: 'error',
      from: { path: '^apps/', pathNot: '^apps/(ticketing|billing-sync|accounts)/' },
      // The guard of the ways out is for whoever calls what others name.
      to: { path: '^libs/psa/', pathNot: '^libs/psa/src/egress/index\\.ts$' },
    },
    {
      name: 'sealed-opens-in-few-places',
      comment:
        'PSA secrets are opened by ticketing, billing-sync and the connection test of accounts, by nobody else.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [...MAY_OPEN, '\\.spec\\.ts$', '/src/testing/'] },
      to: { path: '^libs/persistence/src/(opening|sealing/(open|unseal-v1|aead))\\.ts$' },
    },
    {
      name: 'kafka-only-in-messaging',
      severity: 'error',
      from: {
        path: '^(apps|libs)/',
        pathNot: ['^libs/messaging/', '^libs/testing/', '\\.spec\\.ts$', '/src/testing/'],
      },
      to: { path: 'node_modules/kafkajs', dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: require('node:path').join(__dirname, 'tsconfig.base.json') },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@backhaul/source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
