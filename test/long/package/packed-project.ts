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
   * Packs dist/ as it is. What the package depends on is linked from this checkout, development packages excepted, so
   * that an import of something undeclared fails as it would elsewhere. Takes about two seconds and no network.
   */
  static async create(): Promise<PackedProject> {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'tat-cancel-package-')));
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', directory], { cwd: root });
    const [report] = JSON.parse(stdout) as [PackReport];
    const tarball = join(directory, report.filename);
    const project = join(directory, 'project');
    const home = join(project, 'node_modules', 'tat-cancel');
    mkdirSync(home, { recursive: true });
    await run('tar', ['-xzf', tarball, '-C', home, '--strip-components=1']);
    linkDependencies(project);
    linkCommands(project, home);
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

function linkDependencies(project: string): void {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const needed = Object.entries(lock.packages)
    .filter(([path, locked]) => locked.dev !== true && isTopLevel(path))
    .map(([path]) => path);
  // A service in TypeScript has the types of Node.
  for (const path of [...needed, 'node_modules/@types/node', 'node_modules/undici-types'])
    link(project, path);
}

function isTopLevel(path: string): boolean {
  return path.startsWith('node_modules/') && path.lastIndexOf('node_modules/') === 0;
}

function link(project: string, path: string): void {
  const target = join(root, path);
  const place = join(project, path);
  if (!existsSync(target) || existsSync(place)) return; // native packages of other platforms are not there
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(target, place);
}

/** As npm does, which also makes commands executable only if the package says so. */
function linkCommands(project: string, home: string): void {
  const { bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    bin: Record<string, string>;
  };
  const directory = join(project, 'node_modules', '.bin');
  mkdirSync(directory, { recursive: true });
  for (const [name, path] of Object.entries(bin)) symlinkSync(join(home, path), join(directory, name));
}
