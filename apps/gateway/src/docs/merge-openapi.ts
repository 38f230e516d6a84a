export interface OpenApi {
  openapi?: string;
  info?: object;
  paths?: Record<string, Record<string, unknown>>;
  components?: Record<string, Record<string, unknown>>;
}

/**
 * One document from several. A component that two services name alike and mean differently gets its
 * service's name in front, and what refers to it follows.
 */
export function mergeOpenApi(
  documents: readonly { service: string; document: OpenApi }[],
  isReachable: (method: string, path: string) => boolean,
): OpenApi {
  const merged = {
    paths: {} as Record<string, Record<string, unknown>>,
    components: {} as Record<string, Record<string, unknown>>,
  };
  const operationIds = new Set<string>();
  for (const { service, document } of documents) {
    const renamed = renameClashes(service, document, merged.components);
    for (const [kind, named] of Object.entries(renamed.components ?? {})) {
      merged.components[kind] = { ...merged.components[kind], ...named };
    }
    for (const [path, item] of Object.entries(renamed.paths ?? {})) {
      for (const [method, operation] of Object.entries(item)) {
        if (!isReachable(method.toUpperCase(), path) || merged.paths[path]?.[method] !== undefined) continue;
        (merged.paths[path] ??= {})[method] = labelled(service, operation, operationIds);
      }
    }
  }
  return merged;
}

function renameClashes(
  service: string,
  document: OpenApi,
  taken: Record<string, Record<string, unknown>>,
): OpenApi {
  const renames = new Map<string, string>();
  for (const [kind, named] of Object.entries(document.components ?? {})) {
    for (const [name, value] of Object.entries(named)) {
      const other = taken[kind]?.[name];
      const isClash = other !== undefined && JSON.stringify(other) !== JSON.stringify(value);
      if (isClash)
        renames.set(`#/components/${kind}/${name}`, `#/components/${kind}/${pascal(service)}${name}`);
    }
  }
  if (renames.size === 0) return document;
  const components = Object.fromEntries(
    Object.entries(document.components ?? {}).map(([kind, named]) => [
      kind,
      renameKeys(kind, named, renames),
    ]),
  );
  return withReferences({ ...document, components }, renames) as OpenApi;
}

function renameKeys(
  kind: string,
  named: Record<string, unknown>,
  renames: Map<string, string>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(named).map(([name, value]) => [
      renames.get(`#/components/${kind}/${name}`)?.split('/').at(-1) ?? name,
      value,
    ]),
  );
}

function withReferences(value: unknown, renames: Map<string, string>): unknown {
  if (Array.isArray(value)) return value.map((each) => withReferences(each, renames));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string'
        ? (renames.get(inner) ?? inner)
        : withReferences(inner, renames),
    ]),
  );
}

function labelled(service: string, operation: unknown, taken: Set<string>): unknown {
  const given = operation as { operationId?: string; tags?: string[] };
  const id = given.operationId;
  const operationId = id !== undefined && taken.has(id) ? `${pascal(service)}_${id}` : id;
  if (operationId !== undefined) taken.add(operationId);
  return { ...given, ...(operationId === undefined ? {} : { operationId }) };
}

function pascal(service: string): string {
  return service.replace(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase());
}
