import { type FormEvent, useEffect, useId, useRef } from 'react';
import type { RequestState } from '../api/answers.js';
import { Icon } from '../parts/icon.js';

const choices: readonly { readonly state: RequestState | ''; readonly label: string }[] = [
  { state: '', label: 'All' },
  { state: 'waiting', label: 'Waiting' },
  { state: 'running', label: 'Running' },
  { state: 'finished', label: 'Finished' },
  { state: 'withdrawn', label: 'Withdrawn' },
];

export function parseState(text: string | null): RequestState | undefined {
  const state = choices.find((choice) => choice.state === text)?.state;
  return state === '' ? undefined : state;
}

interface RequestFilterProps {
  readonly state: RequestState | undefined;
  readonly search: string;
  onChange(changes: { state?: string; search?: string }): void;
}

export function RequestFilter({ state, search, onChange }: RequestFilterProps) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (field.current !== null) field.current.value = search;
  }, [search]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange({ search: field.current?.value.trim() ?? '' });
  };
  return (
    <div className="filter-bar">
      <search>
        <form onSubmit={submit} className="search-form">
          <label htmlFor={id} className="visually-hidden">
            Find a request, an invocation or an instance
          </label>
          <input
            ref={field}
            id={id}
            type="search"
            defaultValue={search}
            placeholder="ins-…, inv-…, request id, reason, who"
            autoComplete="off"
            spellCheck={false}
          />
          <button type="submit" className="button">
            <Icon name="search" /> Find
          </button>
          {search !== '' && (
            <button type="button" className="button quiet" onClick={() => onChange({ search: '' })}>
              Clear
            </button>
          )}
        </form>
      </search>
      <fieldset className="segments">
        <legend className="visually-hidden">State</legend>
        {choices.map(({ state: value, label }) => (
          <label key={label} className="segment">
            <input
              type="radio"
              name={`${id}-state`}
              checked={(state ?? '') === value}
              onChange={() => onChange({ state: value })}
            />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
    </div>
  );
}
