# The dispatcher as an image: built from the sources, so that a clone and Docker are enough.
FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /build
COPY pom.xml ./
COPY .mvn .mvn
COPY src/main src/main
# Without the profile of the sandbox, because its engine is only needed to test.
RUN --mount=type=cache,target=/root/.m2 \
    mvn -B -ntp -P '!operaton' -Dmaven.test.skip=true package \
    && cp target/external-task-dispatcher-*.jar app.jar \
    && java -Djarmode=tools -jar app.jar extract --layers --destination layers

# Java 25, because the tasks run on virtual threads from Java 21 on; the jar itself is content with 17.
FROM eclipse-temurin:25-jre
LABEL org.opencontainers.image.title="External Task Dispatcher" \
      org.opencontainers.image.description="Connects the external tasks of BPMN engines with API gateways and message brokers" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
# What changes least comes first: of the files, a new version of the dispatcher adds one small layer.
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/spring-boot-loader/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./

# What the JVM has learnt in a rehearsal, it need not find out at each start. Whoever uses another collector than G1, Parallel or Serial,
# or an agent, does without: the JVM says so, and starts as it would have without this file.
RUN --mount=type=tmpfs,target=/tmp java -XX:AOTCacheOutput=app.aot -Xlog:aot=error -jar app.jar --spring.profiles.active=rehearsal

# Nothing here deserializes Java objects; the filter makes sure of it. Add your own options with JDK_JAVA_OPTIONS.
ENV JAVA_TOOL_OPTIONS="-Djdk.serialFilter=!* -XX:MaxRAMPercentage=75 -XX:+ExitOnOutOfMemoryError"

# A number, so that Kubernetes can see that it is not root (runAsNonRoot). Nothing is written outside /tmp.
USER 10001:10001
EXPOSE 8090
# By bash alone: whether the base image brings curl is up to the base image.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${MANAGEMENT_SERVER_PORT:-${SERVER_PORT:-8090}} && printf 'GET /actuator/health/liveness HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["java", "-XX:AOTCache=app.aot", "-jar", "app.jar"]
