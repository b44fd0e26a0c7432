#!/usr/bin/env bash
# Makes sure that a Docker daemon answers and that it has the base image of `mlops build`. Nothing is fetched from an
# image registry: the base is made of Debian's packages and the Node.js that npm installed, with the name, the user, the
# entrypoint and the environment of the official one. A daemon or an image that is there already is used as it is.
#
# Usage: prepare.sh [IMAGE]       needs root for what it has to make; made once, then cached
set -euo pipefail

image=${1:-node:24-bookworm-slim}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
node=$here/../../../node_modules/node/bin/node
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mlops-test
mkdir -p "$cache"

# Test files run side by side: one of them prepares, the others wait.
exec 9>"$cache/prepare.lock"
flock 9

start_daemon() {
  docker info >/dev/null 2>&1 && return
  # Where no init system has mounted control groups, the daemon finds none.
  grep -q ' cgroup' /proc/mounts || cgroupfs-mount
  echo "starting dockerd, log in $cache/dockerd.log"
  setsid --fork dockerd >"$cache/dockerd.log" 2>&1 </dev/null 9>&-
  for _ in $(seq 60); do
    docker info >/dev/null 2>&1 && return
    sleep 0.5
  done
  tail -n 20 "$cache/dockerd.log" >&2
  return 1
}

make_root_file_system() {
  local root
  root=$(mktemp -d "$cache/root.XXXXXX")
  # shellcheck disable=SC2064
  trap "rm -rf '$root'" RETURN
  debootstrap --variant=minbase --include=ca-certificates,libstdc++6,libatomic1 bookworm "$root" \
    >"$cache/debootstrap.log" 2>&1 || { tail -n 20 "$cache/debootstrap.log" >&2; return 1; }
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,info}/* \
    "$root"/usr/share/locale/* "$root"/var/log/*
  install -m 755 "$node" "$root/usr/local/bin/node"
  chroot "$root" groupadd --gid 1000 node
  chroot "$root" useradd --uid 1000 --gid node --shell /bin/bash --create-home node
  printf '#!/bin/sh\ncommand -v "$1" >/dev/null && exec "$@"\nexec node "$@"\n' >"$root/usr/local/bin/docker-entrypoint.sh"
  chmod 755 "$root/usr/local/bin/docker-entrypoint.sh"
  tar --numeric-owner -C "$root" -cf "$1.tmp" .
  mv "$1.tmp" "$1"
}

start_daemon
docker image inspect "$image" >/dev/null 2>&1 && exit 0

version=$("$node" -p process.versions.node)
archive=$cache/node-$version-bookworm-$(sha256sum "$0" | cut -c1-12).tar
if [ ! -f "$archive" ]; then
  echo "making $image by debootstrap, once"
  rm -f "$cache"/node-*.tar
  make_root_file_system "$archive"
fi
docker import \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
  --change "ENV NODE_VERSION=$version" \
  --change 'ENTRYPOINT ["docker-entrypoint.sh"]' \
  --change 'CMD ["node"]' \
  "$archive" "$image" >/dev/null
