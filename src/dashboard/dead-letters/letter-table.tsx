import type { LetterFilter, LetterPage, StoredDeadLetter } from '../api/answers.js';
import { api } from '../api/endpoints.js';
import { formatCount } from '../format/format-count.js';
import { useCursorPages } from '../live/use-cursor-pages.js';
import { useResource } from '../live/use-resource.js';
import { Moment } from '../parts/moment.js';
import { Pager } from '../parts/pager.js';
import { ProblemNotice } from '../parts/problem-notice.js';
import { pathTo, requestPath } from '../routing/route.js';
import { Link, useRouter } from '../routing/router.js';
import { codeWords, describeInstances, instancesOf } from './letter-words.js';

export interface LetterSelection {
  readonly ids: ReadonlySet<string>;
  change(ids: readonly string[], isChosen: boolean): void;
}

interface LetterTableProps {
  readonly filter: LetterFilter;
  readonly rowsPerPage: number;
  /** Left out where letters are only shown. */
  readonly selection?: LetterSelection;
  /** Another number loads the page anew. */
  readonly turn?: number;
  onPage?(page: LetterPage): void;
}

/** Dead letters, a page at a time. */
export function LetterTable(props: LetterTableProps) {
  const { filter, rowsPerPage, selection, turn = 0 } = props;
  const key = `${JSON.stringify(filter)} ${turn}`;
  const pages = useCursorPages(key);
  const { data, problem, isLoading, reload } = useResource(`${key} ${pages.cursor ?? ''}`, async (signal) => {
    const page = { limit: rowsPerPage, cursor: pages.cursor, filter };
    const answer = await api.letters(page, signal);
    props.onPage?.(answer);
    return answer;
  });
  return (
    <div aria-busy={isLoading}>
      <ProblemNotice problem={problem} doing="load the dead letters" retry={reload} />
      <div role="status">
        {data === undefined && problem === undefined && <p className="muted">Loading…</p>}
        {data?.deadLetters.length === 0 && <p className="muted">No dead letter fits.</p>}
      </div>
      {data !== undefined && data.deadLetters.length > 0 && (
        <LetterRows
          letters={data.deadLetters}
          selection={selection}
          hasRequest={filter.requestId === undefined}
        />
      )}
      <Pager pages={pages} nextCursor={data?.nextCursor} label="dead letters" />
    </div>
  );
}

interface LetterRowsProps {
  readonly letters: readonly StoredDeadLetter[];
  readonly selection: LetterSelection | undefined;
  /** False where all letters are of one request. */
  readonly hasRequest: boolean;
}

function LetterRows({ letters, selection, hasRequest }: LetterRowsProps) {
  const ids = letters.map(({ id }) => id);
  return (
    <table className="table stacked">
      <thead>
        <tr>
          {selection !== undefined && (
            <th scope="col" className="check-cell">
              <input
                type="checkbox"
                aria-label="Select all on this page"
                checked={ids.every((id) => selection.ids.has(id))}
                onChange={(event) => selection.change(ids, event.target.checked)}
              />
            </th>
          )}
          <th scope="col">Why</th>
          <th scope="col">Instances</th>
          <th scope="col">Invocation</th>
          {hasRequest && <th scope="col">Request</th>}
          <th scope="col">Died</th>
        </tr>
      </thead>
      <tbody>
        {letters.map((letter) => (
          <LetterRow key={letter.id} letter={letter} selection={selection} hasRequest={hasRequest} />
        ))}
      </tbody>
    </table>
  );
}

function LetterRow({
  letter,
  selection,
  hasRequest,
}: Omit<LetterRowsProps, 'letters'> & { letter: StoredDeadLetter }) {
  const { query, pathname } = useRouter();
  const { id, error, target, requestId, deadAt } = letter;
  const place = pathname === '/dead-letters' ? Object.fromEntries(query) : { requestId };
  return (
    <tr>
      {selection !== undefined && (
        <td className="check-cell">
          <input
            type="checkbox"
            aria-label={`Select ${error.code}, ${target.invocationId}, ${describeInstances(target.instanceIds)}`}
            checked={selection.ids.has(id)}
            onChange={(event) => selection.change([id], event.target.checked)}
          />
        </td>
      )}
      <th scope="row">
        <Link to={pathTo('/dead-letters', { ...place, letter: id })} className="code-link">
          {error.code}
        </Link>
        <span className="letter-meaning">{codeWords(error.code).meaning}</span>
      </th>
      <td data-label="Instances">
        <span className="breakable">{describeInstances(target.instanceIds)}</span>
        {instancesOf(letter) > 2 && <span className="muted"> ({formatCount(instancesOf(letter))})</span>}
      </td>
      <td data-label="Invocation">
        <code>{target.invocationId}</code> <span className="muted">{target.region}</span>
      </td>
      {hasRequest && (
        <td data-label="Request">
          <Link to={requestPath(requestId)} className="truncated">
            {requestId}
          </Link>
        </td>
      )}
      <td data-label="Died">
        <Moment at={deadAt} as="ago" />
      </td>
    </tr>
  );
}
