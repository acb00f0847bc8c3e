import { judge } from '../../../shared/failure-table.js';
import { tameText } from '../../text-format.js';
import { type Check, fault, ok, skipped, warning } from '../check.js';

/** Codes with which the cloud, and not the way to it, judges the key that signed a call. */
const aboutTheKey = /^(?:AuthFailure|UnauthorizedOperation|TokenFailure)(?:\.|$)/;

export const credentialsAccepted: Check = {
  name: 'credentials at the cloud',
  needs: 'nothing',
  run: async ({ cloud }) => {
    const hasKey = await cloud.findKey().then(
      () => true,
      () => false, // the check above tells
    );
    if (!hasKey) return skipped('there is no key to try');
    const result = await cloud.callOnce();
    if (result.ok) return ok(`a read call in ${cloud.region} succeeded`);
    const { failure } = result;
    const said = `${failure.code}: ${tameText(failure.message)}`;
    if (aboutTheKey.test(failure.code)) {
      return fault(
        `the cloud refuses a read call (${said})`,
        judge(failure.code, failure.message).row.advice,
      );
    }
    if (failure.class === 'throttle' || failure.perRegion)
      return ok(`accepted (${failure.code} for another reason)`);
    if (failure.cloudRequestId === undefined) return skipped('no answer of the cloud to tell by');
    return warning(`a read call failed (${said})`, judge(failure.code, failure.message).row.advice);
  },
};
