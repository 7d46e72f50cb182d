package org.externaltask.dispatcher.json;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes Camel's jq and JSON converters read as exactly as the dispatcher does: they take the registry's mapper if it is the only one. */
@Configuration(proxyBeanMethods = false)
class JsonConfiguration {

    @Bean
    ObjectMapper objectMapper() {
        return Json.MAPPER;
    }
}
