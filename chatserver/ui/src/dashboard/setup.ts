// What is set up on the server: whether hooks are installed, and the commands that work there.
import { useEffect, useState } from "react";
import { request } from "../shared/api";

export interface Setup {
  hooks_installed: boolean;
  install: string;
  doctor: string;
}

let loading: Promise<Setup | null> | null = null;

/** Null until it is loaded. */
export function useSetup(): Setup | null {
  const [setup, setSetup] = useState<Setup | null>(null);
  useEffect(() => {
    loading ??= request<Setup>("GET", "/api/setup").catch(() => (loading = null));
    void loading.then(setSetup);
  }, []);
  return setup;
}
