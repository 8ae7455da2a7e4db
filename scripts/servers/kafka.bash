# shellcheck shell=bash disable=SC2154
# There is no Debian package of Apache Kafka, but its jars are Maven artefacts: 44 MB that are fetched once, and kept.

server kafka 'default-jre-headless maven' daemon TERM

kafka_version=4.3.1
kafka_jars=/var/cache
[ "$EUID" -eq 0 ] || kafka_jars=${XDG_CACHE_HOME:-~/.cache}
kafka_jars+=/daybook-kafka/$kafka_version

kafka_installed() { command -v java >/dev/null && { [ -d "$kafka_jars" ] || command -v mvn >/dev/null; }; }
kafka_fetch() (
  [ ! -d "$kafka_jars" ] || exit 0
  mkdir -p "${kafka_jars%/*}" && work=$(mktemp -d "$kafka_jars.XXXXXX") || exit 1
  trap 'rm -rf "$work"' EXIT
  cat >"$work/pom.xml" <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId> <artifactId>kafka</artifactId> <version>1</version> <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId> <artifactId>kafka_2.13</artifactId> <version>$kafka_version</version>
    </dependency>
    <dependency> <!-- without it there is no log -->
      <groupId>org.apache.logging.log4j</groupId> <artifactId>log4j-slf4j-impl</artifactId> <version>2.25.4</version>
    </dependency>
  </dependencies>
</project>
XML
  # A failure is remembered by Maven, and asked for anew with -U.
  for again in '' -U; do
    # shellcheck disable=SC2086
    mvn -B -q -ntp -C $again -f "$work/pom.xml" -DincludeScope=runtime -DoutputDirectory="$work/jars" \
      org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies </dev/null && break
  done
  # Another set may have been quicker.
  mv -T "$work/jars" "$kafka_jars" || [ -d "$kafka_jars" ]
)
# What a broker loads, laid out for this Java: it takes two seconds off each start, and nothing is amiss without it.
kafka_classes() { echo "$kafka_jars/$(stat -Lc '%i-%Y' "$(command -v java)").jsa"; }
kafka_archive() (
  [ ! -e "$(kafka_classes)" ] && work=$(mktemp -d "$kafka_jars.XXXXXX") || exit 0
  port=$(free_port) broker=''
  trap '[ -z "$broker" ] || kill -KILL "$broker"; rm -rf "$work"' EXIT
  kafka_format "$work" env && kafka_settings "$work" "$port" || exit 0
  env -C "$work" java -XX:ArchiveClassesAtExit="$work/classes.jsa" -cp "$kafka_jars/*" kafka.Kafka server.properties &
  broker=$!
  for _ in {1..300}; do
    kafka_answers "$work" "$port" && break
    kill -0 "$broker" || exit 0
    sleep 0.2
  done
  kill -TERM "$broker" && wait "$broker"
  broker=''
  mv "$work/classes.jsa" "$(kafka_classes)" || exit 0
)
kafka_settings() { # FOLDER PORT
  local controller
  controller=$(free_port)
  cat >"$1/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$2,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$2
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=$1/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=4
group.initial.rebalance.delay.ms=0
# One that was killed is taken back when the session of its former life is over.
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=2000
PROPERTIES
}
kafka_format() { # FOLDER COMMAND…, by which it is done as the server's account
  local random
  random=$(head -c 15 /dev/urandom | base64 | tr +/ -_) # 20 characters; a cluster's id has 22, of which the last is even
  kafka_settings "$1" 9092 && "${@:2}" java -Xmx128m -XX:TieredStopAtLevel=1 -cp "$kafka_jars/*" \
    kafka.tools.StorageTool format -t "D${random}A" -c "$1/server.properties"
}
kafka_init() { kafka_fetch && kafka_archive && kafka_format "$1" "${as[@]}"; }
kafka_start() {
  # The port of the controller is another each time, since nobody else needs to know it.
  kafka_settings "$1" "$2" && launch kafka "$(command -v java)" -Xms128m -Xmx512m -XX:+UseSerialGC -XX:-UsePerfData \
    -XX:SharedArchiveFile="$(kafka_classes)" -Xshare:auto -Djava.net.preferIPv4Stack=true -Dlog4j2.level=INFO \
    -cp "$kafka_jars/*" kafka.Kafka "$1/server.properties"
}
# kafka_says PORT REQUEST PATTERN: whether the broker's reply, in hexadecimal digits, is like that.
kafka_says() {
  local reply
  # shellcheck disable=SC2016
  reply=$(timeout 5 bash -c '
    digits() { head -c "$1" <&3 | od -An -v -tx1 | tr -d " \n"; }
    exec 3<>"/dev/tcp/127.0.0.1/$1" && printf "$2" >&3 && digits $((16#$(digits 4)))' - "$1" "$2" 2>/dev/null)
  # shellcheck disable=SC2053
  [[ $reply == $3 ]]
}
# Metadata knows the broker and is of this cluster, both coordinators (of groups and transactions, whose topics are made
# by the question) are there, and a producer gets an id.
kafka_answers() {
  local cluster fine='????????????????0000*'
  cluster=$(sed -n 's/^cluster.id=//p' "$1/data/meta.properties" | tr -d '\n' | od -An -v -tx1 | tr -d ' \n')
  kafka_says "$2" '\0\0\0\x0e\0\x03\0\x02\0\0\0\0\xff\xff\0\0\0\0' "0000000000000001*$cluster*" &&
    kafka_says "$2" '\0\0\0\x0e\0\x0a\0\x01\0\0\0\0\xff\xff\0\x01x\0' "$fine" &&
    kafka_says "$2" '\0\0\0\x0e\0\x0a\0\x01\0\0\0\0\xff\xff\0\x01x\x01' "$fine" &&
    kafka_says "$2" '\0\0\0\x10\0\x16\0\0\0\0\0\0\xff\xff\xff\xff\0\0\xea\x60' "$fine"
}
kafka_env() { echo "DAYBOOK_TEST_KAFKA=kafka://127.0.0.1:$1"; }
