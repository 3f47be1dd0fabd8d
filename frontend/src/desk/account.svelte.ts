// Who is signed in, as every page of the application knows it.
import { api, type Me } from "./api";

class Visitor {
  /** Null until the desk has said it. */
  me = $state.raw<Me | null>(null);
  /** Why it has not: a desk that does not answer knows of an account all the same. */
  failure = $state.raw<unknown>(null);

  async refresh(): Promise<void> {
    try {
      this.me = await api.me();
      this.failure = null;
    } catch (error) {
      this.failure = error;
    }
  }
}

export const visitor = new Visitor();
