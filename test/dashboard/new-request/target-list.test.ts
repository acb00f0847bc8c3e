import { describe, expect, it } from 'vitest';
import { readTargetFile } from '../../../src/dashboard/new-request/read-target-file.js';
import { readTargetList } from '../../../src/dashboard/new-request/target-list.js';

describe('readTargetList', () => {
  it('puts the instances of an invocation together, each once', () => {
    const list = readTargetList(
      'invocationId,instanceId\ninv-1a2b3c4d,ins-00000001\ninv-1a2b3c4d,ins-00000002\n\n# again\ninv-1a2b3c4d,ins-00000001',
    );
    expect(list.targets).toEqual([
      { invocationId: 'inv-1a2b3c4d', instanceIds: ['ins-00000001', 'ins-00000002'] },
    ]);
    expect(list).toMatchObject({
      instances: 2,
      wholeInvocations: 0,
      namedLines: 3,
      doubled: 1,
      problemCount: 0,
    });
  });

  it('lets a whole invocation take in the instances that are listed beside it, whichever comes first', () => {
    for (const text of [
      'inv-1a2b3c4d,ins-00000001\ninv-1a2b3c4d',
      'inv-1a2b3c4d\ninv-1a2b3c4d,ins-00000001',
    ]) {
      const list = readTargetList(text);
      expect(list.targets).toEqual([{ invocationId: 'inv-1a2b3c4d' }]);
      expect(list).toMatchObject({ instances: 1, wholeInvocations: 1, doubled: 1 });
    }
  });

  it('tells bad lines by their number, the first hundred of them, and counts all', () => {
    const list = readTargetList(`inv-1a2b3c4d\n${'nonsense\n'.repeat(150)}`);
    expect(list.problems[0]).toMatchObject({ line: 2, reason: expect.stringContaining('nonsense') });
    expect(list.problems).toHaveLength(100);
    expect(list.problemCount).toBe(150);
  });

  it('does not take the second line for a header', () => {
    expect(readTargetList('inv-1a2b3c4d\ninvocationId').problems).toEqual([
      { line: 2, reason: expect.any(String) },
    ]);
  });

  it('finds the line behind a place that the server complains of', () => {
    const list = readTargetList(
      'inv-1a2b3c4d,ins-00000001\ninv-5e6f7a8b\ninv-1a2b3c4d,ins-00000002\ninv-9c0d1e2f,ins-00000003,ap-tokyo',
    );
    expect(list.lineAt('targets[0].instanceIds[1]')).toBe(3);
    expect(list.lineAt('targets[0].region')).toBe(1);
    expect(list.lineAt('targets[1].invocationId')).toBe(2);
    expect(list.lineAt('targets[2].region')).toBe(4);
    expect(list.lineAt('targets[3].region')).toBeUndefined();
    expect(list.lineAt('priority')).toBeUndefined();
  });
});

describe('readTargetFile', () => {
  it('reads a file in pieces as if it were one text', async () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, index) => `inv-1a2b3c4d,ins-${String(index).padStart(8, '0')}`,
    );
    const list = await readTargetFile(
      new Blob([`\uFEFFinvocationId,instanceId\r\n${lines.join('\r\n')}\r\n`]),
    );
    expect(list).toMatchObject({ instances: 20_000, problemCount: 0 });
  });

  it('refuses what is no UTF-8 text', async () => {
    const utf16 = new Blob([Uint8Array.from([0xff, 0xfe, 0x69, 0, 0x6e, 0, 0x76, 0])]);
    await expect(readTargetFile(utf16)).rejects.toThrow('no UTF-8 text');
  });
});
