import { type FormEvent, useId } from 'react';

export const ages = [
  { seconds: '', label: 'any age' },
  { seconds: '3600', label: 'older than 1 hour' },
  { seconds: '86400', label: 'older than 1 day' },
  { seconds: '604800', label: 'older than 7 days' },
] as const;

interface LetterFilterBarProps {
  readonly query: URLSearchParams;
  readonly codes: readonly string[];
  onChange(changes: Readonly<Record<string, string>>): void;
}

/** Narrows the list of letters down. */
export function LetterFilterBar({ query, codes, onChange }: LetterFilterBarProps) {
  const id = useId();
  const current = (name: string) => query.get(name) ?? '';
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    onChange({ request: text('request'), invocation: text('invocation') });
  };
  const known =
    codes.includes(current('code')) || current('code') === '' ? codes : [...codes, current('code')];
  return (
    <form className="filter-bar" onSubmit={submit} key={`${current('request')} ${current('invocation')}`}>
      <label className="inline-field">
        Code{' '}
        <select value={current('code')} onChange={(event) => onChange({ code: event.target.value })}>
          <option value="">all</option>
          {known.map((code) => (
            <option key={code}>{code}</option>
          ))}
        </select>
      </label>
      <label className="inline-field">
        Age{' '}
        <select
          value={current('olderThan')}
          onChange={(event) => onChange({ olderThan: event.target.value })}
        >
          {ages.map(({ seconds, label }) => (
            <option key={label} value={seconds}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label className="inline-field" htmlFor={`${id}-request`}>
        Request{' '}
        <input id={`${id}-request`} name="request" defaultValue={current('request')} autoComplete="off" />
      </label>
      <label className="inline-field" htmlFor={`${id}-invocation`}>
        Invocation{' '}
        <input
          id={`${id}-invocation`}
          name="invocation"
          defaultValue={current('invocation')}
          autoComplete="off"
        />
      </label>
      <button type="submit" className="button">
        Filter
      </button>
    </form>
  );
}
