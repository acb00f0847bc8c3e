/** Cancel jobs: what one target of a request needs. */
export const cancelQueueName = 'tat-cancel';

/** Shows dead letters to people; no worker takes from it. */
export const deadLetterQueueName = 'tat-cancel-dead-letter';

/** The name that every job in the cancel queue carries. */
export const cancelJobName = 'cancel';
