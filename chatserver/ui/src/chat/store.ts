// The page's state; it changes by actions only.
import { Observable } from "../shared/Observable";
import { INITIAL_STATE, reduce, type Action, type State } from "./state";

export class Store extends Observable<State> {
  constructor() {
    super(INITIAL_STATE);
  }

  dispatch(action: Action): void {
    this.set(reduce(this.value, action));
  }
}
