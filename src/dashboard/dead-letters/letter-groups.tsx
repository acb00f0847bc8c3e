import type { DeadLetterGroup, LetterFilter } from '../api/answers.js';
import { countOf } from '../format/format-count.js';
import { Moment } from '../parts/moment.js';
import { useMay } from '../session/session-provider.js';
import type { LetterAction } from './letter-action-dialog.js';
import { codeWords, describeInstances } from './letter-words.js';

interface LetterGroupsProps {
  readonly groups: readonly DeadLetterGroup[];
  /** What the groups were narrowed down to, and what is done to them is, too. */
  readonly filter: LetterFilter;
  show(code: string): void;
  act(action: LetterAction): void;
}

/** Letters by cause, the most frequent first, with what the cause means and what cures it. */
export function LetterGroups({ groups, ...rest }: LetterGroupsProps) {
  return (
    <ul className="group-list">
      {groups.map((group) => (
        <LetterGroup key={group.code} group={group} {...rest} />
      ))}
    </ul>
  );
}

interface LetterGroupProps extends Omit<LetterGroupsProps, 'groups'> {
  readonly group: DeadLetterGroup;
}

function LetterGroup({ group, filter, show, act }: LetterGroupProps) {
  const { code, letters, instances, firstDeadAt, lastDeadAt, examples } = group;
  const mayOperate = useMay('operate');
  const isNarrowed = Object.keys(filter).some((name) => name !== 'code');
  const { meaning, advice } = codeWords(code);
  const example = examples.at(-1);
  const open = (kind: LetterAction['kind']) =>
    act({
      kind,
      choice: { filter: { ...filter, code } },
      codes: [code],
      what: isNarrowed ? `letters of ${code} that fit the filter` : `all letters of ${code}`,
    });
  return (
    <li className="group">
      <h3>
        <code>{code}</code>
      </h3>
      <p className="group-count">
        <strong>{countOf(letters, 'letter')}</strong>, {countOf(instances, 'instance')}
      </p>
      <p>{meaning}</p>
      <p>
        <strong>What to do:</strong> {advice}
      </p>
      {example !== undefined && (
        <p className="muted breakable">
          For example {describeInstances(example.target.instanceIds)} of {example.target.invocationId} in{' '}
          {example.target.region}: {example.error.message}
        </p>
      )}
      <p className="muted">
        First <Moment at={firstDeadAt} as="ago" />, last <Moment at={lastDeadAt} as="ago" />
      </p>
      <div className="actions">
        <button
          type="button"
          className="button"
          onClick={() => show(code)}
          aria-label={`Show letters of ${code}`}
        >
          Show letters
        </button>
        {mayOperate && (
          <>
            <button
              type="button"
              className="button"
              onClick={() => open('redrive')}
              aria-label={`Redrive all of ${code}…`}
            >
              {isNarrowed ? 'Redrive those that fit…' : 'Redrive all…'}
            </button>
            <button
              type="button"
              className="button danger"
              onClick={() => open('discard')}
              aria-label={`Discard all of ${code}…`}
            >
              {isNarrowed ? 'Discard those that fit…' : 'Discard all…'}
            </button>
          </>
        )}
      </div>
    </li>
  );
}
