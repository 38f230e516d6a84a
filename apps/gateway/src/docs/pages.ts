export const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#1c2733}
code{background:#eef2f6;padding:.1em .3em;border-radius:3px}a{color:#0b5cad}li{margin:.3em 0}`;

export const HOME_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Backhaul</title><style>${STYLE}</style></head>
<body>
<h1>Backhaul</h1>
<p>Backup agents report results here; Backhaul turns them into tickets that open and close themselves.</p>
<ul>
<li><a href="/docs">API documentation</a>, to read and to try</li>
<li><a href="/api/openapi.json">OpenAPI document</a> of the whole REST API; both for who has a login</li>
<li><a href="/docs/problems">Problems</a>: what each error means</li>
<li><code>/api/v1</code>: the REST API. Send an API key as <code>Authorization: Bearer bkp_live_&hellip;</code></li>
</ul>
<p>Agents report to the ingestion service, which has an address of its own.</p>
</body>
</html>
`;

/** Swagger UI from this server's own files: it works without any network but this one. */
export const DOCS_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Backhaul API</title>
<link rel="stylesheet" href="/docs/static/swagger-ui.css">
<link rel="icon" href="/docs/static/favicon-32x32.png">
</head>
<body>
<div id="docs"></div>
<noscript>This page needs JavaScript; the document itself is at <a href="/api/openapi.json">/api/openapi.json</a>.</noscript>
<script src="/docs/static/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

export const DOCS_SCRIPT = `SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  validatorUrl: null,
});
`;
