/** Small truths about the tree that no linter knows: references, lock file, documents, containers. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, say } from '../toolchain.mjs';
import { containers } from './containers.mjs';
import { requirements } from './requirements.mjs';
import { security } from './security.mjs';

const json = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const projects = () =>
  ['apps', 'libs']
    .flatMap((kind) => readdirSync(join(root, kind)).map((name) => `${kind}/${name}`))
    .filter((path) => existsSync(join(root, path, 'package.json')));

/** What package.json depends on is what tsconfig references, so that `tsc -b` and Nx see the same graph. */
function references() {
  return projects().flatMap((path) => {
    const declared = Object.keys(json(`${path}/package.json`).dependencies ?? {}).filter((name) =>
      name.startsWith('@backhaul/'),
    );
    const referenced = (json(`${path}/tsconfig.json`).references ?? []).map(
      (entry) => `@backhaul/${entry.path.split('/').at(-1)}`,
    );
    const differ = declared
      .filter((name) => !referenced.includes(name))
      .concat(referenced.filter((name) => !declared.includes(name)));
    return differ.map((name) => `${path}: package.json and tsconfig.json differ about ${name}`);
  });
}

/** A registry's host in the lock file would tie every install to that registry. */
function lockFile() {
  return /"resolved": "https?:/.test(readFileSync(join(root, 'package-lock.json'), 'utf8'))
    ? ['package-lock.json names a registry host']
    : [];
}

/** Every path in backticks or links of our documents exists. */
function documents() {
  const files = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);
  return files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const paths = [
      ...text.matchAll(/`((?:apps|libs|scripts|docs|deploy|bench)\/[A-Za-z0-9_./-]*[A-Za-z0-9_/-])`/g),
    ].map((match) => match[1]);
    return [...new Set(paths)]
      .filter((path) => !/\/dist\b/.test(path) && !existsSync(join(root, path)))
      .map((path) => `${file} names ${path}, which does not exist`);
  });
}

export function checkWorkspace() {
  let passed = 0;
  let failed = 0;
  for (const check of [references, lockFile, documents, containers, security, requirements]) {
    const problems = check();
    for (const problem of problems) say(`  ${problem}`);
    if (problems.length) failed += 1;
    else passed += 1;
  }
  return { passed, failed };
}
