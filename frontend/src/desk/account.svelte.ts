// Who is signed in, as every page of the application knows it.
import { api, type Me } from "./api";

class Visitor {
  me = $state.raw<Me | null>(null);

  /** Asks the desk; on failure nobody counts as signed in until the next page asks again. */
  async refresh(): Promise<void> {
    try {
      this.me = await api.me();
    } catch {
      this.me = { account: null, accounts_open: false };
    }
  }
}

export const visitor = new Visitor();
