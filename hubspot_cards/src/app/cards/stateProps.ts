// What each state of the card is given.
import type { View } from './apiTypes';
import type { Reader } from './language';
import type { Words } from './messages';
import type { Proposal } from './memory';

export interface StateProps {
  view: View;
  proposal: Proposal;
  words: Words;
  reader: Reader;
}
