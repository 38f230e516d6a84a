/**
 * Traces, switched on by OTEL_EXPORTER_OTLP_ENDPOINT; without it this file does nothing.
 * Used as `node --import <path>/libs/telemetry/otel.mjs dist/main.js`.
 */
if (process.env.OTEL_EXPORTER_OTLP_ENDPOINT) {
  // The include list keeps start-up fast: every other module passes the loader untouched.
  const { register } = await import('import-in-the-middle/register-hooks.mjs');
  register({ include: ['pg', 'pg-pool', 'kafkajs', 'pino', 'http', 'node:http', 'https', 'undici'] });

  const [sdk, traces, otlp, http, undici, pg, kafka, pino] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/instrumentation-http'),
    import('@opentelemetry/instrumentation-undici'),
    import('@opentelemetry/instrumentation-pg'),
    import('@opentelemetry/instrumentation-kafkajs'),
    import('@opentelemetry/instrumentation-pino'),
  ]);

  // Endpoint keys stand in agents' paths, so spans must not carry them.
  const masked = (path) => path.replace(/(\/ingest\/[^/]+\/|\/ping\/)[^/?]+/g, '$1[redacted]');
  const hideKeys = (span, request) => {
    const path = masked(request.url ?? request.path ?? '');
    span.setAttributes({
      'url.path': path.split('?')[0],
      'http.target': path,
      'http.url': path,
      'url.full': path,
    });
  };

  const node = new sdk.NodeSDK({
    spanProcessors: [
      new traces.BatchSpanProcessor({ exporter: new otlp.OTLPTraceExporter(), scheduledDelayMillis: 1000 }),
    ],
    instrumentations: [
      new http.HttpInstrumentation({
        ignoreIncomingRequestHook: (request) => /^\/(health|metrics)/.test(request.url ?? ''),
        startIncomingSpanHook: (request) => ({ 'url.path': masked(request.url ?? '').split('?')[0] }),
        requestHook: (span, request) => request.headers && hideKeys(span, request),
      }),
      new undici.UndiciInstrumentation(),
      new pg.PgInstrumentation({ requireParentSpan: true }),
      new kafka.KafkaJsInstrumentation(),
      new pino.PinoInstrumentation({ disableLogSending: true }),
    ],
  });
  node.start();
  process.once('beforeExit', () => void node.shutdown());
}
