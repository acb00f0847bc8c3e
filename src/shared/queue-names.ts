/** Cancel jobs: what one target of a request needs. */
export const cancelQueueName = 'tat-cancel';

/** Dead letters, for people; no worker takes from it. */
export const deadLetterQueueName = 'tat-cancel-dead-letter';

/** The name that every job in the cancel queue carries. */
export const cancelJobName = 'cancel';

/** The name that every job in the dead-letter queue carries. */
export const deadLetterJobName = 'dead-letter';
