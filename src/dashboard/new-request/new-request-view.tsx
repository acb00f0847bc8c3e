import { useTitle } from '../parts/use-title.js';
import { RoleNote } from '../session/role-note.js';
import { useMay } from '../session/session-provider.js';
import { NewRequestForm } from './new-request-form.js';

/** Asks for commands to be stopped. */
export function NewRequestView() {
  useTitle('New request');
  return (
    <>
      <h1>New request</h1>
      {useMay('enqueue') ? (
        <NewRequestForm />
      ) : (
        <>
          <RoleNote needed="enqueue" action="ask for commands to be stopped" />
          <p>You can still look at everything that is under way.</p>
        </>
      )}
    </>
  );
}
