// Puts together build/client: the package tat-cancel-client, which is what dist/producer needs of dist/ and nothing else. Run
// it after a build; `npm pack ./build/client` makes the tarball.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));
const place = join('build', 'client');
const entry = join('dist', 'producer', 'index.js');

/** What callers need only where requests are traced; `tracing: true` loads them. */
const optional = ['@opentelemetry/api', 'bullmq-otel'];

const root = JSON.parse(readFileSync('package.json', 'utf8'));
const { files, packages } = follow(entry);
const unknown = packages.filter((name) => !(name in root.dependencies));
if (unknown.length > 0) throw new Error(`not among the dependencies: ${unknown.join(', ')}`);

rmSync(place, { recursive: true, force: true });
for (const file of [...files, ...scriptsOf(files), 'LICENSE']) {
  mkdirSync(join(place, dirname(file)), { recursive: true });
  copyFileSync(file, join(place, file));
}
writeFileSync(join(place, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
writeFileSync(join(place, 'README.md'), readme());

/** The modules that can be reached from one, with their declarations, and the packages that they import. */
function follow(start) {
  const found = new Set();
  const names = new Set();
  const open = [start, start.replace(/\.js$/, '.d.ts')];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    for (const [, specifier] of readFileSync(file, 'utf8').matchAll(
      /(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)['"]([^'"]+)['"]/gm,
    )) {
      if (specifier.startsWith('.')) {
        const target = normalize(join(dirname(file), specifier));
        const types = target.replace(/\.js$/, '.d.ts');
        open.push(...(file.endsWith('.d.ts') ? [types] : [target, types]).filter((path) => existsSync(path)));
      } else if (!specifier.startsWith('node:')) {
        names.add(specifier.match(/^(?:@[^/]+\/)?[^/]+/)[0]);
      }
    }
  }
  return { files: [...found].sort(), packages: [...names].sort() };
}

/** The Lua files that these modules name, and those that these name in turn. */
function scriptsOf(modules) {
  const scripts = [...new Set(modules.map((file) => dirname(file)))].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.lua'))
      .map((name) => join(folder, name)),
  );
  const wanted = new Set();
  const open = modules.filter((file) => file.endsWith('.js'));
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const text = readFileSync(file, 'utf8');
    const named = scripts.filter((script) => !wanted.has(script) && text.includes(basename(script, '.lua')));
    for (const script of named) wanted.add(script);
    open.push(...named);
  }
  return [...wanted].sort();
}

function manifest() {
  const { version, license, type, engines, dependencies } = root;
  const pick = (wanted) =>
    Object.fromEntries(packages.filter(wanted).map((name) => [name, dependencies[name]]));
  return {
    name: 'tat-cancel-client',
    version,
    description:
      'Enqueues, follows and withdraws cancel requests of tat-cancel: the library alone, without the service',
    license,
    type,
    engines,
    exports: {
      '.': { types: './dist/producer/index.d.ts', default: './dist/producer/index.js' },
      './package.json': './package.json',
    },
    types: './dist/producer/index.d.ts',
    files: ['dist', 'README.md', 'LICENSE'],
    dependencies: pick((name) => !optional.includes(name)),
    peerDependencies: pick((name) => optional.includes(name)),
    peerDependenciesMeta: Object.fromEntries(
      packages.filter((name) => optional.includes(name)).map((name) => [name, { optional: true }]),
    ),
  };
}

function readme() {
  return `# tat-cancel-client

Enqueues, follows and withdraws cancel requests of tat-cancel. It is the library of the package \`tat-cancel\`, version
${root.version}, without workers, server and command line; both work on the same Redis.

\`\`\`ts
import { CancelProducer } from 'tat-cancel-client';

const producer = await CancelProducer.connect({ redisUrl: 'redis://127.0.0.1:6379', defaultRegion: 'ap-singapore' });
const { requestId } = await producer.enqueue({ targets: [{ invocationId: 'inv-1a2b3c4d' }] });
await producer.waitUntilFinished(requestId);
await producer.close();
\`\`\`

What \`tracing: true\` needs is not installed with it: ${optional.map((name) => `\`${name}\``).join(' and ')}.
`;
}
