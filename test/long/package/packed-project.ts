import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve('.');

interface LockedPackage {
  readonly dev?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly name: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

interface PackReport {
  readonly filename: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** An empty project of somebody else's, into which the packed tarball was installed. */
export class PackedProject {
  private constructor(
    readonly directory: string,
    readonly tarball: string,
    readonly files: PackReport['files'],
  ) {}

  /**
   * Packs a folder as it is. What the package depends on is linked from this checkout, and nothing else, so that an
   * import of something undeclared fails as it would elsewhere. Takes about two seconds and no network.
   */
  static async create(folder = '.'): Promise<PackedProject> {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'tat-cancel-package-')));
    const { stdout } = await run(
      'npm',
      ['pack', resolve(folder), '--json', '--pack-destination', directory],
      {
        cwd: root,
      },
    );
    const [report] = JSON.parse(stdout) as [PackReport];
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    const tarball = join(directory, report.filename);
    const project = join(directory, 'project');
    const home = join(project, 'node_modules', manifest.name);
    mkdirSync(home, { recursive: true });
    await run('tar', ['-xzf', tarball, '-C', home, '--strip-components=1']);
    linkDependencies(project, Object.keys(manifest.dependencies));
    linkCommands(project, home, manifest);
    writeFileSync(join(project, 'package.json'), '{"type":"module","private":true}\n');
    return new PackedProject(project, tarball, report.files);
  }

  write(name: string, content: string): void {
    writeFileSync(join(this.directory, name), content);
  }

  /** Runs a program in the project and resolves with what it wrote to stdout; rejects when it fails. */
  async run(
    program: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const env = { PATH: process.env.PATH, HOME: this.directory, ...environment };
    const { stdout } = await run(program, [...args], { cwd: this.directory, env });
    return stdout;
  }

  /** For the end of a test. */
  remove(): void {
    rmSync(dirname(this.directory), { recursive: true, force: true });
  }
}

function linkDependencies(project: string, names: readonly string[]): void {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const needed = new Set<string>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    const path = `node_modules/${name}`;
    // Nested packages come along with the folder that they are in; what these need may be at the top again.
    const within = Object.keys(lock.packages).filter((each) => each === path || each.startsWith(`${path}/`));
    open.push(...within.flatMap((each) => Object.keys(lock.packages[each]?.dependencies ?? {})));
  }
  // A service in TypeScript has the types of Node.
  for (const name of [...needed, '@types/node', 'undici-types']) link(project, `node_modules/${name}`);
}

function link(project: string, path: string): void {
  const target = join(root, path);
  const place = join(project, path);
  if (!existsSync(target) || existsSync(place)) return; // native packages of other platforms are not there
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(target, place);
}

/** As npm does, which also makes commands executable only if the package says so. */
function linkCommands(project: string, home: string, { bin = {} }: Manifest): void {
  const directory = join(project, 'node_modules', '.bin');
  mkdirSync(directory, { recursive: true });
  for (const [name, path] of Object.entries(bin)) symlinkSync(join(home, path), join(directory, name));
}
